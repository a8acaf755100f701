"""Queries with the titles that they should find first.

Two sets. `tuned` goes over the demo catalogue, by kind of query; Hinglish is spelt as people type Hindi in Latin
letters (`HINGLISH` was written by hand, word by word, and knows nothing of how search folds sounds). `untuned` is made
by rule from the imported films, with a random generator of a fixed seed: nobody looked at its queries.
"""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from subgraphs.catalog.service.records import TitleRecord

HINGLISH = dict(
    pair.split(":")
    for line in (
        "ख़ामोश:khamosh सुनहरा:sunehra सुनहरी:sunehri आख़िरी:aakhri खोया:khoya खोई:khoyi सुर्ख़:surkh छुपा:chhupa छुपी:chupi",
        "बेपनाह:bepanah टूटा:toota टूटी:tooti पहला:pehla पहली:pehli दूसरा:doosra दूसरी:dusri नीला:neela नीली:neeli",
        "जलता:jalta जलती:jalti गुमनाम:gumnaam भूला:bhoola भूली:bhooli बेचैन:bechain गहरा:gehra गहरी:gehri आवारा:awara",
        "नया:naya नई:nayi पुराना:purana पुरानी:purani शांत:shaant निडर:nidar चुराया:churaya चुराई:churai अधूरा:adhoora",
        "अधूरी:adhuri चमकीला:chamkeela चमकीली:chamkili दूर:door का:ka की:ki काला:kaala काली:kaali नदी:nadi",
        "परछाई:parchhai वादा:wada रास्ता:raasta चिट्ठी:chitthi शहर:shehar रात:raat सपना:sapna चाँद:chaand तूफ़ान:toofan",
        "खिड़की:khidki गीत:geet राज़:raaz सफ़र:safar कहानी:kahani बरसात:barsaat आईना:aaina पतंग:patang दीया:diya नाव:naav",
        "रेलगाड़ी:railgadi बग़ीचा:bageecha सुबह:subah आग:aag पुल:pul टापू:taapu सितारा:sitara दरवाज़ा:darwaza हवा:hawa",
        "रेगिस्तान:registan गवाह:gawah सिंहासन:sinhasan याद:yaad मेला:mela और:aur मुंबई:mumbai वाराणसी:varanasi जयपुर:jaipur",
        "कोलकाता:kolkata शिमला:shimla लखनऊ:lucknow कोच्चि:kochi उदयपुर:udaipur दिल्ली:dilli हैदराबाद:hyderabad गोवा:goa",
        "दार्जिलिंग:darjeeling अमृतसर:amritsar भोपाल:bhopal लद्दाख:ladakh चेन्नई:chennai",
    )
    for pair in line.split(" ")
)
"""How people type the words of the demo catalogue's Hindi names."""

_ARTICLES = ("The ", "A ", "An ")


@dataclass(frozen=True, slots=True)
class GoldQuery:
    """A query, and the ids of the titles (or the person) of which one should come first."""

    kind: str
    text: str
    wanted: frozenset[str]


class GoldSet:
    """Collects queries; the wanted titles are all that bear the name, since no search can tell them apart."""

    def __init__(self, titles: Sequence[TitleRecord], ids: Sequence[str], *, seed: int) -> None:
        self._random = random.Random(seed)
        self._bearers: dict[str, set[str]] = {}
        for title, own in zip(titles, ids, strict=True):
            for name in {title.original_name, *(text.name for text in title.texts.values())}:
                self._bearers.setdefault(name.casefold(), set()).add(own)

    def query(self, kind: str, text: str, name: str) -> GoldQuery:
        """Return the query that should find a title of that name."""
        return GoldQuery(kind, text, frozenset(self._bearers[name.casefold()]))

    def sample(self, names: Sequence[str], count: int) -> list[str]:
        """Return so many of the names, by chance, each at most once."""
        return self._random.sample(sorted(set(names)), min(count, len(set(names))))

    def misspelt(self, name: str, how: str) -> str | None:
        """Return the name with one letter dropped, doubled, or two neighbours swapped, in a word of 5 or more."""
        words = name.split(" ")
        places = [at for at, word in enumerate(words) if len(word) >= 5 and word.isalpha()]
        if not places:
            return None
        at = self._random.choice(places)
        word = words[at]
        where = self._random.randrange(1, len(word) - 1)
        if how == "drop":
            changed = word[:where] + word[where + 1 :]
        elif how == "double":
            changed = word[: where + 1] + word[where:]
        else:
            changed = word[:where] + word[where + 1] + word[where] + word[where + 2 :]
        if changed == word:
            return None
        words[at] = changed
        return " ".join(words)


def tuned(titles: Sequence[TitleRecord], ids: Sequence[str]) -> Iterator[GoldQuery]:
    """Yield queries over the demo catalogue: more than 300, of eight kinds."""
    gold = GoldSet(titles, ids, seed=1)
    english = [title.texts["en"].name for title in titles]
    hindi = [title.texts["hi"].name for title in titles]
    for name in gold.sample(english, 80):
        yield gold.query("exact", name.lower(), name)
    for name in gold.sample(hindi, 50):
        yield gold.query("devanagari", name, name)
    for name in gold.sample([name for name in english if len(name) > 10], 30):
        yield gold.query("prefix", name[:-2].lower(), name)
    for name in gold.sample([name for name in english if name.startswith(_ARTICLES)], 30):
        yield gold.query("no article", name.split(" ", 1)[1].lower(), name)
    for name in gold.sample(english, 30):
        yield gold.query("punctuation", f"{name.replace(' ', '-')}!", name)
    for how in ("drop", "double", "swap"):
        for name in gold.sample(english, 30):
            text = gold.misspelt(name.lower(), how)
            if text is not None:
                yield gold.query("one typo", text, name)
    for name in gold.sample([name for name in hindi if all(word in HINGLISH for word in name.split(" "))], 60):
        yield gold.query("hinglish", " ".join(HINGLISH[word] for word in name.split(" ")), name)


def untuned(titles: Sequence[TitleRecord], ids: Sequence[str]) -> Iterator[GoldQuery]:
    """Yield 500 queries over imported films, made by rule."""
    gold = GoldSet(titles, ids, seed=2)
    names = [title.original_name for title in titles if len(title.original_name.split(" ")) > 1]
    for name in gold.sample(names, 100):
        yield gold.query("exact", name.lower(), name)
    for how in ("drop", "double", "swap"):
        for name in gold.sample(names, 100):
            text = gold.misspelt(name.lower(), how)
            if text is not None:
                yield gold.query(f"typo: {how}", text, name)
    for name in gold.sample([name for name in names if name.startswith(_ARTICLES)], 100):
        yield gold.query("no article", name.split(" ", 1)[1].lower(), name)
