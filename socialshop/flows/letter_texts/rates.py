"""Letters about exchange rates and recruiters."""

from ...kernel.errors import N_

TEXTS = {
    "rates_failing": (
        N_("Exchange rates of {brand} have not come in since {since}"),
        N_(
            "The daily exchange rates have not come in since {since}. We ask again every hour.\n\n"
            "Commissions go on being converted by the newest rate that is known. Where none is known, they stay in the order's "
            "currency; no rate is guessed. You can enter today's rates by hand:\n{base_url}/brand/{slug}/settings/rates"
        ),
    ),
    "recruit_joined": (
        N_("@{handle} joined {program} through you"),
        N_(
            "@{handle} came into {program} by {brand} through your invitation.\n\n"
            "From now on you get a part on top whenever they earn a commission, as the terms say. The brand pays it; "
            "it takes nothing from them.\n\n"
            "Whom you brought, and what came of it:\n{base_url}/creator/programs/{program_id}/recruits"
        ),
    ),
    "recruiter_changed": (
        N_("Your recruiter in {program} was changed"),
        N_(
            "{brand} changed who is noted as your recruiter in {program}: {recruiter}.\n\n"
            "Their reason:\n{reason}\n\n"
            "Your own commissions stay as they are: what a recruiter gets comes on top and is paid by the brand. "
            "It holds for orders that come in from now on.\n\n{base_url}/creator/programs/{program_id}"
        ),
    ),
    "recruit_gained": (
        N_("@{handle} counts as brought by you in {program}"),
        N_(
            "{brand} noted that you brought @{handle} into {program}. For orders that come in from now on you get a part on "
            "top of their commission, as the terms say.\n\n"
            "Their reason:\n{reason}\n\n{base_url}/creator/programs/{program_id}/recruits"
        ),
    ),
    "recruit_lost": (
        N_("@{handle} no longer counts as brought by you in {program}"),
        N_(
            "{brand} changed who is noted as the recruiter of @{handle} in {program}. What you got from orders so far stays "
            "yours; orders that come in from now on bring you nothing from them.\n\n"
            "Their reason:\n{reason}\n\n{base_url}/creator/programs/{program_id}/recruits"
        ),
    ),
}
