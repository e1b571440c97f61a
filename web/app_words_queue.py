"""What the driver's app says of its queue: sentences by the keys its modules use."""

from flask_babel import lazy_gettext  # type: ignore[import-untyped]  # it ships no types

WORDS = {
    "queue.storage.full": lazy_gettext(
        "This phone has hardly any room left. Delete pictures or apps before you leave: what does not fit is not kept."
    ),
    "queue.storage.none": lazy_gettext(
        "This browser keeps nothing on this phone. Leave the private window, or use another browser, before the route begins."
    ),
    "queue.storage.unsure": lazy_gettext(
        "This browser does not promise to keep what is not sent yet. Put the app on the home screen, leave no private window, "
        "and look for “All sent” before you put the phone away."
    ),
    "queue.trouble.network": lazy_gettext("No network that reaches us just now. Everything is kept on this phone."),
    "queue.trouble.foreign": lazy_gettext(
        "Something in between answers instead of us, perhaps the sign-in page of a Wi-Fi. Everything is kept on this phone."
    ),
    "queue.trouble.server": lazy_gettext(
        "Our server is in trouble. Everything is kept on this phone, and is sent again by itself."
    ),
    "queue.trouble.busy": lazy_gettext(
        "Our server asks for a pause. Everything is kept on this phone, and is sent again by itself."
    ),
    "queue.trouble.sign_in": lazy_gettext(
        "To send what is kept here, whoever recorded it must sign in once more on this phone."
    ),
    "queue.trouble.refused": lazy_gettext(
        "Part of this is not taken. It stays on this phone: hand it over as a file to the office."
    ),
    "queue.trouble.photo": lazy_gettext("A photo is not taken yet. It stays on this phone and is tried again."),
    "queue.trouble.storage": lazy_gettext(
        "This phone could not read what it keeps. Close the app, open it again, and call the office."
    ),
    "queue.handover.title": lazy_gettext("What this phone has not sent"),
    "queue.handover.shared": lazy_gettext("Handed over. It also stays here until we hold it."),
    "queue.handover.saved": lazy_gettext("Saved among this phone's downloads. It also stays here until we hold it."),
    "queue.receipt.kept": lazy_gettext("Kept"),
    "queue.receipt.already_known": lazy_gettext("Known already"),
    "queue.receipt.conflict": lazy_gettext("Set aside: another of the same name was first"),
    "queue.receipt.invalid": lazy_gettext("Set aside: the office looks at it"),
}
