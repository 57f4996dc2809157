"""Letters about programs, enrollments and accounts."""

from ...kernel.errors import N_

TEXTS = {
    "creator_applied": (
        N_("{creator} would like to join {program}"),
        N_(
            "{creator} (@{handle}) would like to join {program}.\n\n"
            "They write:\n{note}\n\n"
            "Look at the application and decide:\n{base_url}/brand/{slug}/creators/{enrollment}"
        ),
    ),
    "creator_joined": (
        N_("{creator} joined {program}"),
        N_("{creator} (@{handle}) joined {program}.\n\nSee who is in your programs:\n{base_url}/brand/{slug}/creators"),
    ),
    "creator_left": (
        N_("{creator} left {program}"),
        N_(
            "{creator} (@{handle}) left {program}. What they earned from earlier orders is still paid as agreed; "
            "later orders earn them nothing.\n\n{base_url}/brand/{slug}/creators/{enrollment}"
        ),
    ),
    "enrollment_approved": (
        N_("You are in: {program} by {brand}"),
        N_(
            "Good news: {brand} took you into {program}. Orders placed from {when} on can earn you a commission.\n\n"
            "Make your first link or code:\n{base_url}/creator/links\n\n"
            "The terms:\n{base_url}/creator/programs/{program_id}"
        ),
    ),
    "enrollment_declined": (
        N_("{brand} declined your application to {program}"),
        N_(
            "{brand} did not take you into {program} this time.\n\n"
            "Their reason:\n{reason}\n\n"
            "You may apply again:\n{base_url}/creator/programs/{program_id}"
        ),
    ),
    "enrollment_removed": (
        N_("{brand} ended your place in {program}"),
        N_(
            "{brand} ended your place in {program} on {when}.\n\n"
            "Their reason:\n{reason}\n\n"
            "What you earned from orders placed before that stays yours: it is held, becomes due and is paid as agreed. "
            "Orders placed after it earn nothing. Your links go on working."
        ),
    ),
    "program_terms": (
        N_("New terms of {program} from {when}"),
        N_(
            "{brand} gives {program} new terms. They hold for orders placed from {when} on; "
            "for earlier orders nothing changes.\n\n"
            "{changes}"
            "All of the new terms:\n{terms}\n\n"
            "All terms, old and new:\n{base_url}/creator/programs/{program_id}"
        ),
    ),
    "program_withdrawn": (
        N_("The new terms of {program} are taken back"),
        N_(
            "{brand} took the terms back that were to begin on {when}. The present terms of {program} go on.\n\n"
            "{base_url}/creator/programs/{program_id}"
        ),
    ),
    "program_ended": (
        N_("{program} by {brand} has ended"),
        N_(
            "{brand} ended {program} on {when}.\n\n"
            "What you earned from orders placed before that stays yours: it is held, becomes due and is paid as agreed. "
            "Orders placed after it earn nothing. Your links go on working.\n\n"
            "Other programs to join:\n{base_url}/creator/programs"
        ),
    ),
    "payee_stated": (
        N_("Your payout account was changed"),
        N_(
            "From {when} on your commissions are paid to {provider}, number ending in {end}.\n\n"
            "If this was not you, change your password now and state your account again:\n{base_url}/auth/reset\n"
            "{base_url}/creator/payee"
        ),
    ),
    "account_stated": (
        N_("A new receiving account for {brand}"),
        N_(
            "From {when} on buyers of {brand} are shown this account to transfer to: {provider}, number ending in {end}.\n\n"
            "If nobody of your team did this, retire it now:\n{base_url}/brand/{slug}/settings/accounts"
        ),
    ),
    "account_retired": (
        N_("A receiving account of {brand} was retired"),
        N_(
            "Since {when} buyers of {brand} are no longer shown this account: {provider}, number ending in {end}.\n\n"
            "Your accounts:\n{base_url}/brand/{slug}/settings/accounts"
        ),
    ),
}
