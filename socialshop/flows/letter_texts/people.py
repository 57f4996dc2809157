"""Letters about accounts and brand members."""

from ...kernel.errors import N_

TEXTS = {
    "confirm_email": (
        N_("Confirm your e-mail address"),
        N_(
            "Welcome to {name_of_service}!\n\n"
            "Please confirm that this address is yours:\n{link}\n\n"
            "The link works for 7 days. If you did not sign up, do nothing: nobody can use your address without this link."
        ),
    ),
    "address_known": (
        N_("You already have an account"),
        N_(
            "Somebody, perhaps you, signed up at {name_of_service} with this address. It already has an account, "
            "and nothing about that was changed.\n\n"
            "Sign in: {base_url}/auth/sign-in\n"
            "Forgot your password? {base_url}/auth/reset\n\n"
            "If this was not you, there is nothing to do."
        ),
    ),
    "reset_password": (
        N_("Choose a new password"),
        N_(
            "Somebody, hopefully you, asked for a new password.\n\n"
            "Choose it here:\n{link}\n\n"
            "The link works once, for one hour. If this was not you, do nothing: your password stays as it is."
        ),
    ),
    "password_changed": (
        N_("Your password was changed"),
        N_(
            "Your password was changed on {when}, and all other browsers were signed out.\n\n"
            "If this was not you, choose a new password now: {base_url}/auth/reset"
        ),
    ),
    "email_change": (
        N_("Confirm your new e-mail address"),
        N_(
            "Please confirm that this is the new address of your account:\n{link}\n\n"
            "The link works for 24 hours. If you did not ask for this, do nothing."
        ),
    ),
    "email_change_asked": (
        N_("Your e-mail address is about to change"),
        N_(
            "Somebody, hopefully you, asked on {when} to change the address of your account to {new_address}.\n\n"
            "It changes once the new address is confirmed. If this was not you, choose a new password now: {base_url}/auth/reset"
        ),
    ),
    "email_changed": (
        N_("Your e-mail address was changed"),
        N_(
            "The address of your account was changed to {new_address} on {when}. Letters no longer come here.\n\n"
            "If this was not you, write to the people who run {base_url} at once."
        ),
    ),
    "invitation": (
        N_("{brand} invites you"),
        N_(
            "{inviter} invites you to work for {brand} on {name_of_service}, as {role}.\n\n"
            "Accept here:\n{link}\n\n"
            "The link works until {until}. If you do not know {brand}, do nothing."
        ),
    ),
    "member_removed": (
        N_("You no longer work for {brand}"),
        N_("You were removed from {brand} on {when}. Your own account stays as it is."),
    ),
}
