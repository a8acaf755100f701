"""Words of which the seed builds names and descriptions, in English and Hindi side by side. All of it is fiction.

Hindi pairs agree in gender: an adjective has a masculine and a feminine form, a noun says which one it takes.
Heroes stand in the oblique case, because every Hindi goal begins with `को`.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Adjective:
    """An adjective; Hindi in both genders."""

    english: str
    masculine: str
    feminine: str


@dataclass(frozen=True, slots=True)
class Noun:
    """A noun; `is_feminine` says which Hindi forms go with it."""

    english: str
    hindi: str
    is_feminine: bool


@dataclass(frozen=True, slots=True)
class Pair:
    """The same words in English and Hindi."""

    english: str
    hindi: str


ADJECTIVES = tuple(
    Adjective(*words)
    for words in (
        ("Silent", "ख़ामोश", "ख़ामोश"),
        ("Golden", "सुनहरा", "सुनहरी"),
        ("Last", "आख़िरी", "आख़िरी"),
        ("Lost", "खोया", "खोई"),
        ("Crimson", "सुर्ख़", "सुर्ख़"),
        ("Hidden", "छुपा", "छुपी"),
        ("Endless", "बेपनाह", "बेपनाह"),
        ("Broken", "टूटा", "टूटी"),
        ("First", "पहला", "पहली"),
        ("Second", "दूसरा", "दूसरी"),
        ("Blue", "नीला", "नीली"),
        ("Burning", "जलता", "जलती"),
        ("Nameless", "गुमनाम", "गुमनाम"),
        ("Forgotten", "भूला", "भूली"),
        ("Restless", "बेचैन", "बेचैन"),
        ("Deep", "गहरा", "गहरी"),
        ("Wandering", "आवारा", "आवारा"),
        ("New", "नया", "नई"),
        ("Old", "पुराना", "पुरानी"),
        ("Quiet", "शांत", "शांत"),
        ("Fearless", "निडर", "निडर"),
        ("Stolen", "चुराया", "चुराई"),
        ("Incomplete", "अधूरा", "अधूरी"),
        ("Bright", "चमकीला", "चमकीली"),
        ("Distant", "दूर का", "दूर की"),
        ("Dark", "काला", "काली"),
    )
)

NOUNS = tuple(
    Noun(*words)
    for words in (
        ("River", "नदी", True),
        ("Shadow", "परछाई", True),
        ("Promise", "वादा", False),
        ("Road", "रास्ता", False),
        ("Letter", "चिट्ठी", True),
        ("City", "शहर", False),
        ("Night", "रात", True),
        ("Dream", "सपना", False),
        ("Moon", "चाँद", False),
        ("Storm", "तूफ़ान", False),
        ("Window", "खिड़की", True),
        ("Song", "गीत", False),
        ("Secret", "राज़", False),
        ("Journey", "सफ़र", False),
        ("Story", "कहानी", True),
        ("Monsoon", "बरसात", True),
        ("Mirror", "आईना", False),
        ("Kite", "पतंग", True),
        ("Lamp", "दीया", False),
        ("Boat", "नाव", True),
        ("Train", "रेलगाड़ी", True),
        ("Garden", "बग़ीचा", False),
        ("Morning", "सुबह", True),
        ("Fire", "आग", True),
        ("Bridge", "पुल", False),
        ("Island", "टापू", False),
        ("Star", "सितारा", False),
        ("Door", "दरवाज़ा", False),
        ("Wind", "हवा", True),
        ("Desert", "रेगिस्तान", False),
        ("Witness", "गवाह", False),
        ("Throne", "सिंहासन", False),
        ("Memory", "याद", True),
        ("Festival", "मेला", False),
    )
)

PLACES = tuple(
    Pair(*words)
    for words in (
        ("Mumbai", "मुंबई"),
        ("Varanasi", "वाराणसी"),
        ("Jaipur", "जयपुर"),
        ("Kolkata", "कोलकाता"),
        ("Shimla", "शिमला"),
        ("Lucknow", "लखनऊ"),
        ("Kochi", "कोच्चि"),
        ("Udaipur", "उदयपुर"),
        ("Delhi", "दिल्ली"),
        ("Hyderabad", "हैदराबाद"),
        ("Goa", "गोवा"),
        ("Darjeeling", "दार्जिलिंग"),
        ("Amritsar", "अमृतसर"),
        ("Bhopal", "भोपाल"),
        ("Ladakh", "लद्दाख"),
        ("Chennai", "चेन्नई"),
    )
)

HEROES = tuple(
    Pair(*words)
    for words in (
        ("A retired police officer", "एक सेवानिवृत्त पुलिस अफ़सर"),
        ("A young lawyer", "एक युवा वकील"),
        ("A street musician", "सड़क के एक संगीतकार"),
        ("A schoolteacher", "एक स्कूल टीचर"),
        ("A stubborn journalist", "एक ज़िद्दी पत्रकार"),
        ("A taxi driver", "एक टैक्सी ड्राइवर"),
        ("A village doctor", "गाँव के एक डॉक्टर"),
        ("A promising wrestler", "एक होनहार पहलवान"),
        ("An ageing cook", "एक बुज़ुर्ग रसोइये"),
        ("A shy astronomer", "एक शर्मीले खगोलशास्त्री"),
        ("A former soldier", "एक पूर्व सैनिक"),
        ("A reluctant heir", "एक अनमने वारिस"),
    )
)

GOALS: dict[str, tuple[Pair, ...]] = {
    slug: tuple(Pair(*words) for words in pairs)
    for slug, pairs in {
        "action": (
            ("must stop a convoy before it reaches the border", "को सरहद तक पहुँचने से पहले एक काफ़िला रोकना होगा"),
            ("takes on a gang that owns the docks", "को बंदरगाह के मालिक गिरोह से भिड़ना पड़ता है"),
        ),
        "drama": (
            ("must choose between family and the truth", "को परिवार और सच में से एक को चुनना होगा"),
            ("comes home to a house full of old quarrels", "को पुराने झगड़ों से भरे घर में लौटना पड़ता है"),
        ),
        "comedy": (
            ("has one weekend to fake a perfect family", "को एक वीकेंड के लिए आदर्श परिवार का नाटक करना होगा"),
            ("inherits a hotel and all of its unpaid bills", "को एक होटल और उसके सारे उधार विरासत में मिलते हैं"),
        ),
        "thriller": (
            ("has one night to find out who is lying", "को एक रात में पता लगाना होगा कि झूठ कौन बोल रहा है"),
            ("receives calls from a number that does not exist", "को ऐसे नंबर से फ़ोन आते हैं जो है ही नहीं"),
        ),
        "romance": (
            ("falls for the one person not to be trusted", "को उसी से प्यार होता है जिस पर भरोसा नहीं किया जा सकता"),
            ("finds a love letter meant for somebody else", "को किसी और के नाम का प्रेम पत्र मिलता है"),
        ),
        "sports": (
            ("gets one season to turn a losing team around", "को हारती हुई टीम को सँभालने के लिए एक सीज़न मिलता है"),
            ("returns to the ring for one last bout", "को एक आख़िरी मुक़ाबले के लिए अखाड़े में लौटना पड़ता है"),
        ),
        "crime": (
            ("follows the money where nobody wants it followed", "को पैसों का वह सुराग मिलता है जिसे सब छुपाना चाहते हैं"),
            ("reopens a case that was closed too quickly", "को जल्दबाज़ी में बंद हुआ एक मामला फिर खोलना पड़ता है"),
        ),
        "adventure": (
            ("follows a torn map into the mountains", "को एक फटा नक्शा पहाड़ों में ले जाता है"),
            ("has to cross the desert without a guide", "को बिना किसी राहबर के रेगिस्तान पार करना होगा"),
        ),
        "family": (
            ("brings three generations under one roof", "को तीन पीढ़ियों को एक छत के नीचे लाना है"),
            ("promises the children an impossible holiday", "को बच्चों से किया एक नामुमकिन वादा निभाना होगा"),
        ),
        "mystery": (
            ("looks for a guest whom nobody saw leave", "को उस मेहमान की तलाश है जिसे जाते किसी ने नहीं देखा"),
            ("finds a photograph taken tomorrow", "को आने वाले कल में खींची गई एक तस्वीर मिलती है"),
        ),
        "science-fiction": (
            ("hears a signal from beneath the ice", "को बर्फ़ के नीचे से एक संकेत सुनाई देता है"),
            ("wakes up on a ship that should be empty", "को एक ऐसे यान में होश आता है जिसे ख़ाली होना चाहिए था"),
        ),
        "historical": (
            ("guards a secret while an empire falls", "को ढहते साम्राज्य के बीच एक राज़ सँभालना है"),
            ("writes down what the court wants forgotten", "को वह लिखना है जिसे दरबार भुला देना चाहता है"),
        ),
    }.items()
}

FIRST_NAMES = (
    "Aarav",
    "Advika",
    "Bhaskar",
    "Charvi",
    "Devansh",
    "Eshaan",
    "Farida",
    "Gauri",
    "Harit",
    "Ishita",
    "Jatin",
    "Kavya",
    "Lavanya",
    "Madhur",
    "Naina",
    "Omkar",
    "Pallavi",
    "Qasim",
    "Rudra",
    "Sanya",
    "Tanvi",
    "Ujjwal",
    "Vedika",
    "Yuvan",
    "Zoya",
    "Anvay",
    "Brinda",
    "Chirag",
    "Diya",
    "Ekansh",
)
LAST_NAMES = (
    "Abhyankar",
    "Banerjea",
    "Chitre",
    "Dhanraj",
    "Elavarasan",
    "Ghoshal",
    "Hirani",
    "Inamdar",
    "Jagtap",
    "Kashikar",
    "Lokhande",
    "Mirchandani",
    "Nambiath",
    "Oberai",
    "Pathania",
    "Qureshy",
    "Rathwa",
    "Sabharwal",
    "Thakkar",
    "Unnithan",
    "Vaidyar",
    "Wadhwan",
    "Yelamanchi",
    "Zaveri",
)

CLUBS = tuple(
    Pair(*words)
    for words in (
        ("Jaipur Falcons", "जयपुर फ़ाल्कन्स"),
        ("Kochi Waves", "कोच्चि वेव्स"),
        ("Lucknow Lanterns", "लखनऊ लैंटर्न्स"),
        ("Shimla Pines", "शिमला पाइन्स"),
        ("Goa Herons", "गोवा हेरॉन्स"),
        ("Bhopal Lakers", "भोपाल लेकर्स"),
    )
)
