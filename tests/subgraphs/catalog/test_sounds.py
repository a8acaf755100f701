"""Words that sound alike in Latin letters and Devanagari, however people spell them."""

import pytest

from subgraphs.catalog.service.sounds import document_sounds, skeleton_of, sound_of
from subgraphs.catalog.service.words import normal_form

ALIKE = {
    "चिट्ठी": ["chitthi", "chithi", "chiththi"],
    "शहर": ["shehar", "shahar"],
    "पहला": ["pehla", "pahla", "pahala"],
    "दूर": ["door", "dur"],
    "रास्ता": ["raasta", "rasta"],
    "चाँद": ["chaand", "chand"],
    "मुंबई": ["mumbai"],
    "ज़िंदगी": ["zindagi", "jindagi", "zindagee"],
    "वादा": ["wada", "vaada"],
    "जाएंगे": ["jayenge", "jaayenge"],
    "दुल्हनिया": ["dulhania", "dulhaniya"],
    "क्यों": ["kyon", "kyun"],
    "लक्ष्य": ["lakshya"],
    "ज्ञान": ["gyaan", "gyan"],
    "मोहब्बतें": ["mohabbatein", "mohabbaten"],
}


@pytest.mark.parametrize(("hindi", "latin"), [(hindi, latin) for hindi, some in ALIKE.items() for latin in some])
def test_people_spell_hindi_in_latin_letters_as_it_sounds(hindi: str, latin: str) -> None:
    assert sound_of(normal_form(latin)) == sound_of(normal_form(hindi))


def test_a_skeleton_forgives_vowels_that_devanagari_writes_otherwise() -> None:
    assert (sound_of(normal_form("आख़िरी")), sound_of("aakhri")) == ("akiri", "akri")
    assert skeleton_of(normal_form("आख़िरी")) == skeleton_of("aakhri") == "akr"


@pytest.mark.parametrize(("one", "other"), [("raat", "raja"), ("kal", "kam"), ("pul", "pal"), ("dil", "dal")])
def test_other_words_sound_different(one: str, other: str) -> None:
    assert sound_of(one) != sound_of(other)


def test_a_document_has_the_sounds_of_its_names_once() -> None:
    marks, sounds = document_sounds(["नदी", "The River", "नदी"])

    assert marks == ["^ndi", "=nd", "^ti rivir", "=t rvr"]
    assert sounds == "'nd':1A 't':1A 'rvr':1A"
