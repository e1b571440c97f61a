"""What the driver's app says of its queue: sentences by the keys its modules use."""

from flask_babel import lazy_gettext as _  # type: ignore[import-untyped]  # it ships no types

WORDS = {
    "queue.storage.full": _(
        "This phone has hardly any room left. Delete pictures or apps before you leave: what does not fit is not kept."
    ),
    "queue.storage.none": _(
        "This browser keeps nothing on this phone. Leave the private window, or use another browser, before the route begins."
    ),
    "queue.storage.unsure": _(
        "This browser does not promise to keep what is not sent yet. Put the app on the home screen, leave no private window, "
        "and look for “All sent” before you put the phone away."
    ),
    "queue.trouble.network": _("No network that reaches us just now. Everything is kept on this phone."),
    "queue.trouble.foreign": _(
        "Something in between answers instead of us, perhaps the sign-in page of a Wi-Fi. Everything is kept on this phone."
    ),
    "queue.trouble.server": _("Our server is in trouble. Everything is kept on this phone, and is sent again by itself."),
    "queue.trouble.busy": _("Our server asks for a pause. Everything is kept on this phone, and is sent again by itself."),
    "queue.trouble.sign_in": _("To send what is kept here, whoever recorded it must sign in once more on this phone."),
    "queue.trouble.refused": _("Part of this is not taken. It stays on this phone: hand it over as a file to the office."),
    "queue.trouble.photo": _("A photo is not taken yet. It stays on this phone and is tried again."),
    "queue.trouble.storage": _("This phone could not read what it keeps. Close the app, open it again, and call the office."),
    "queue.handover.title": _("What this phone has not sent"),
    "queue.handover.shared": _("Handed over. It also stays here until we hold it."),
    "queue.handover.saved": _("Saved among this phone's downloads. It also stays here until we hold it."),
}
