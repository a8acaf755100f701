"""The servers that Reelgraph starts itself when no URL names one: PostgreSQL, Valkey and a document server.

Each module knows one role: which binary to take, how to prepare its folder and which command line runs it. It
returns a `ServerPlan`; starting, watching and stopping is the business of `stack.servers.process` and of
the supervisor. Nothing here imports a server's Python package: the binaries run as processes of their own.
"""
