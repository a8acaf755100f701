"""One entry per kind of notice: what it says in each language, where it goes, and what cannot be switched off."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from string import Template
from typing import Any

from subgraphs.users.events import MailKind, NotificationKind
from subgraphs.users.models import NotificationChannel

_IN_APP, _EMAIL = NotificationChannel.IN_APP, NotificationChannel.EMAIL


@dataclass(frozen=True, slots=True)
class Words:
    """Title and body; `$name` stands for a value of the notice's data."""

    title: str
    body: str


@dataclass(frozen=True, slots=True)
class Kind:
    """What is known about a kind.

    Attributes:
        en, hi: Its words.
        channels: Where it goes unless its reader chose otherwise.
        locked: Channels that cannot be switched off.
        mail: The letter by e-mail; one with title and body of the notice when the kind has none of its own.
        is_marketing: By e-mail only with the consent MARKETING_EMAIL.
        events: Other words for an `event` in the data.
    """

    en: Words
    hi: Words
    channels: frozenset[NotificationChannel] = frozenset({_IN_APP})
    locked: frozenset[NotificationChannel] = frozenset()
    mail: MailKind = MailKind.ANNOUNCEMENT
    is_marketing: bool = False
    events: Mapping[str, tuple[Words, Words]] = field(default_factory=dict)


_SAFETY_EVENTS = {
    MailKind.PASSWORD_CHANGED.value: (
        Words("Your password was changed", "If it was not you, set a new password now."),
        Words("आपका पासवर्ड बदला गया", "अगर वह आप नहीं थे, तो अभी नया पासवर्ड बनाएँ।"),
    ),
    MailKind.EMAIL_CHANGED.value: (
        Words("Your e-mail address was changed", "If it was not you, write to us at once."),
        Words("आपका ई-मेल पता बदला गया", "अगर वह आप नहीं थे, तो हमें तुरंत लिखें।"),
    ),
    MailKind.PHONE_CHANGED.value: (
        Words("The phone number of your account was changed", "If it was not you, set a new password now."),
        Words("आपके खाते का फ़ोन नंबर बदला गया", "अगर वह आप नहीं थे, तो अभी नया पासवर्ड बनाएँ।"),
    ),
    MailKind.ACCOUNT_LOCKED.value: (
        Words("Your account was locked for a while", "There were too many wrong passwords."),
        Words("आपका खाता कुछ समय के लिए बंद किया गया", "कई बार गलत पासवर्ड दिया गया।"),
    ),
}

_PLAN_EVENTS = {
    "STARTED": (
        Words("Your plan has begun", "$plan is active until $until."),
        Words("आपका प्लान शुरू हुआ", "$plan $until तक चालू है।"),
    ),
    "CHANGED": (
        Words("Your plan changed", "Your plan is now $plan. It runs until $until."),
        Words("आपका प्लान बदला", "आपका प्लान अब $plan है। यह $until तक चलेगा।"),
    ),
    "CHANGE_SCHEDULED": (
        Words("Your plan will change", "$next_plan follows $plan on $until."),
        Words("आपका प्लान बदलेगा", "$until को $plan के बाद $next_plan शुरू होगा।"),
    ),
    "CHANGE_WITHDRAWN": (
        Words("Your plan stays", "$plan goes on after $until."),
        Words("आपका प्लान वही रहेगा", "$plan $until के बाद भी जारी रहेगा।"),
    ),
    "ENDING": (
        Words("Your plan will end", "$plan will not renew. You can watch until $until."),
        Words("आपका प्लान समाप्त होगा", "$plan अपने आप नया नहीं होगा। आप $until तक देख सकते हैं।"),
    ),
    "RESUMED": (
        Words("Your plan goes on", "$plan renews on $until."),
        Words("आपका प्लान जारी रहेगा", "$plan $until को नया होगा।"),
    ),
    "OVERDUE": (
        Words("Your plan is not paid", "We will try to collect the money for $plan again. You can watch until $until."),
        Words("आपके प्लान का भुगतान बाकी है", "हम $plan का भुगतान फिर लेने की कोशिश करेंगे। आप $until तक देख सकते हैं।"),
    ),
    "RECOVERED": (
        Words("Your plan is paid again", "$plan runs until $until."),
        Words("आपके प्लान का भुगतान हो गया", "$plan $until तक चालू है।"),
    ),
    "ENDED": (
        Words("Your plan has ended", "$plan has ended. You can subscribe again at any time."),
        Words("आपका प्लान समाप्त हुआ", "$plan समाप्त हो गया है। आप कभी भी फिर से सदस्यता ले सकते हैं।"),
    ),
}

KINDS: Mapping[NotificationKind, Kind] = {
    NotificationKind.NEW_EPISODE: Kind(
        Words("New: $title", "A new episode is out."), Words("नया: $title", "एक नई कड़ी आ गई है।")
    ),
    NotificationKind.EXPIRING_SOON: Kind(
        Words("Leaving soon: $title", "A title on your list will not be offered much longer."),
        Words("जल्द हटेगा: $title", "आपकी सूची का एक शीर्षक अब ज़्यादा समय नहीं रहेगा।"),
    ),
    NotificationKind.REMINDER_LIVE: Kind(
        Words("Starting: $title", "What you wanted to be reminded of begins."),
        Words("शुरू हो रहा है: $title", "जिसकी याद दिलानी थी, वह शुरू हो रहा है।"),
    ),
    NotificationKind.PAYMENT_SUCCEEDED: Kind(
        Words("Thank you for your payment", "We received $amount for $plan."),
        Words("भुगतान के लिए धन्यवाद", "हमें $plan के लिए $amount मिले।"),
        channels=frozenset({_IN_APP, _EMAIL}),
        mail=MailKind.PAYMENT_SUCCEEDED,
    ),
    NotificationKind.PAYMENT_FAILED: Kind(
        Words("Your payment failed", "We could not collect $amount for $plan."),
        Words("भुगतान नहीं हुआ", "हम $plan के लिए $amount नहीं ले सके।"),
        channels=frozenset({_IN_APP, _EMAIL}),
        mail=MailKind.PAYMENT_FAILED,
    ),
    NotificationKind.SUBSCRIPTION_STATUS: Kind(
        Words("Your plan changed", "$plan is now: $status."),
        Words("आपका प्लान बदला", "$plan अब: $status।"),
        channels=frozenset({_IN_APP, _EMAIL}),
        mail=MailKind.SUBSCRIPTION_STATUS,
        events=_PLAN_EVENTS,
    ),
    NotificationKind.RENEWAL_UPCOMING: Kind(
        Words("Your plan renews soon", "$plan renews for $amount."),
        Words("आपका प्लान जल्द नया होगा", "$plan $amount में नया होगा।"),
        channels=frozenset({_IN_APP, _EMAIL}),
        # Whoever collects money must say so a day before at least (RBI, e-mandates).
        locked=frozenset({_EMAIL}),
        mail=MailKind.RENEWAL_UPCOMING,
    ),
    NotificationKind.NEW_DEVICE: Kind(
        Words("New sign-in", "Your account was signed in to with a new device: $device."),
        Words("नया साइन-इन", "आपके खाते में एक नए उपकरण से साइन इन हुआ: $device।"),
        channels=frozenset({_IN_APP, _EMAIL}),
        locked=frozenset({_EMAIL}),
        mail=MailKind.NEW_DEVICE,
    ),
    NotificationKind.SECURITY: Kind(
        Words("Your account's safety", "Something about the safety of your account changed."),
        Words("आपके खाते की सुरक्षा", "आपके खाते की सुरक्षा में कुछ बदला है।"),
        channels=frozenset({_IN_APP, _EMAIL}),
        locked=frozenset({_EMAIL}),
        events=_SAFETY_EVENTS,
    ),
    NotificationKind.EDITORIAL: Kind(
        Words("$title", "$body"), Words("$title", "$body"), channels=frozenset({_IN_APP, _EMAIL}), is_marketing=True
    ),
    NotificationKind.SYSTEM: Kind(
        Words("$title", "$body"), Words("$title", "$body"), channels=frozenset({_IN_APP, _EMAIL})
    ),
}

SAFETY_MAILS: Mapping[MailKind, NotificationKind] = {
    MailKind.PASSWORD_CHANGED: NotificationKind.SECURITY,
    MailKind.EMAIL_CHANGED: NotificationKind.SECURITY,
    MailKind.PHONE_CHANGED: NotificationKind.SECURITY,
    MailKind.ACCOUNT_LOCKED: NotificationKind.SECURITY,
    MailKind.NEW_DEVICE: NotificationKind.NEW_DEVICE,
}
"""Letters that put a notice in the app as well."""


def known_kind(name: str) -> NotificationKind:
    """Return the kind of a stored name; SYSTEM for one that a newer process wrote."""
    try:
        return NotificationKind(name)
    except ValueError:
        return NotificationKind.SYSTEM


def words_for(kind: NotificationKind, data: Mapping[str, Any], *, locale: str) -> Words:
    """Return title and body with the data filled in, in Hindi for a Hindi locale and in English for every other.

    A value that the data lack stays empty.
    """
    traits = KINDS[kind]
    english, hindi = traits.events.get(str(data.get("event")), (traits.en, traits.hi))
    words = hindi if _language(locale) == "hi" else english
    values = in_language(data, locale=locale)
    return Words(_filled(words.title, values), _filled(words.body, values))


def in_language(data: Mapping[str, Any], *, locale: str) -> dict[str, Any]:
    """Return the data with each value in the locale's language, where they have it: `plan_hi` for `plan` in Hindi."""
    language = _language(locale)
    return {name: data.get(f"{name}_{language}", value) for name, value in data.items()}


def _language(locale: str) -> str:
    return locale.partition("-")[0]


def _filled(text: str, data: Mapping[str, Any]) -> str:
    template = Template(text)
    values = {name: str(data.get(name, "")) for name in template.get_identifiers()}
    return template.substitute(values)
