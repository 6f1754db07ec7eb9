"""Mails about an account. None repeats a name that a stranger may have typed."""

from __future__ import annotations

from tierslieu.kernel import mail
from tierslieu.kernel.messages import msg
from tierslieu.kernel.work import Work
from tierslieu.people.models import Account


def confirm(work: Work, account: Account, link: str) -> None:
    """Confirm that this address is yours."""
    mail.post(
        work,
        account.person,
        msg("Confirm your address"),
        [
            msg("Somebody, probably you, opened an account here with this address."),
            msg("Press the link within three days to confirm it. Otherwise ignore this mail."),
        ],
        link=link,
        to=account.email,
        about="account.confirm",
    )


def already_registered(work: Work, account: Account) -> None:
    """You have an account already."""
    mail.post(
        work,
        account.person,
        msg("You already have an account"),
        [
            msg("Somebody, probably you, wanted to open an account here with this address."),
            msg("There is one already: sign in, or choose a new password if you forgot it."),
            msg("If it was not you, ignore this mail: nothing has changed."),
        ],
        link="/reset",
        to=account.email,
        about="account.confirm",
    )


def reset(work: Work, account: Account, link: str) -> None:
    """Choose a new password."""
    mail.post(
        work,
        account.person,
        msg("Choose a new password"),
        [
            msg("Press the link within two hours to choose a new password."),
            msg("If you did not ask for it, ignore this mail: your password stays as it is."),
        ],
        link=link,
        to=account.email,
        about="account.reset",
    )


def password_changed(work: Work, account: Account) -> None:
    """Your password was changed."""
    mail.post(
        work,
        account.person,
        msg("Your password was changed"),
        [
            msg("Your password was changed and you were signed out everywhere else."),
            msg(
                "Your calendar addresses and API tokens still work. "
                "If somebody else may know them, stop them on your page."
            ),
            msg("If it was not you, choose a new password at once."),
        ],
        link="/reset",
        to=account.email,
        about="account.password",
    )


def new_sign_in(work: Work, account: Account) -> None:
    """Somebody signed in from a browser not seen before."""
    mail.post(
        work,
        account.person,
        msg("New sign-in to your account"),
        [
            msg("Somebody signed in to your account with a browser not seen before."),
            msg(
                "If it was you, all is well. If not, sign out everywhere and choose a new password."
            ),
        ],
        link="/me/sessions",
        to=account.email,
        about="account.sign_in",
    )


def new_email(work: Work, account: Account, address: str, link: str) -> None:
    """To the new address: confirm it."""
    mail.post(
        work,
        account.person,
        msg("Confirm your new address"),
        [
            msg("Press the link within a day to sign in with this address from now on."),
            msg("If you did not ask for it, ignore this mail."),
        ],
        link=link,
        to=address,
        about="account.email",
    )


def email_asked(work: Work, account: Account) -> None:
    """To the old address: another one was asked for."""
    mail.post(
        work,
        account.person,
        msg("Another address was asked for"),
        [
            msg("Somebody, probably you, asked to sign in to your account with another address."),
            msg("It changes when the link mailed there is pressed."),
            msg("If it was not you, choose a new password at once."),
        ],
        link="/reset",
        to=account.email,
        about="account.email",
    )


def email_changed(work: Work, account: Account, old: str) -> None:
    """To both addresses: it is changed."""
    for address in (old, account.email):
        mail.post(
            work,
            account.person,
            msg("Your address was changed"),
            [
                msg("From now on you sign in with the new address."),
                msg("If it was not you, tell whoever runs this site."),
            ],
            to=address,
            about="account.email",
        )
