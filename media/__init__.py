"""A library for pictures, sound and streams. No broker, database or GraphQL, and no other package of ours.

artwork     pictures for titles, drawn from a number
pictures    pictures that people upload
storage     where uploads and streams lie
ingest      from a film that somebody sent to a stream
stream      all steps, whole or not at all
probe       what a file is
ladder      which sizes and bitrates
transcode   encoding
package     segments and manifests, HLS and DASH
captions    SubRip and WebVTT
tracks      names of sound tracks and subtitles
thumbnails  storyboard and stills
delivery    signed links to streams
samples     a stream to try everything with
errors, results, languages, tools: what these share
"""
