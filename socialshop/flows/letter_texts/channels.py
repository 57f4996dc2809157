"""Letters to creators about the accounts that they connected."""

from ...kernel.errors import N_

TEXTS: dict[str, tuple[str, str]] = {
    "channel_lost": (
        N_("{at_provider} does not let us post for {account} any more"),
        N_(
            "Hi {name},\n\n{reason}\n\nIt is about your account {account}. Until it is connected again, nothing is posted there: "
            "a post whose time comes waits for two days, then we stop trying.\n\n"
            "Connect it again: {base_url}/creator/channels"
        ),
    ),
    "channel_removed": (
        N_("{account} is disconnected"),
        N_(
            "Hi {name},\n\n{at_provider} told us that our access to your account {account} was taken away over there. We have deleted "
            "our permission; posts that were planned for it are not posted.\n\n"
            "Was it a mistake? Connect the account again: {base_url}/creator/channels"
        ),
    ),
    "channel_erased": (
        N_("Your data from {at_provider} is deleted"),
        N_(
            "Hi {name},\n\n{at_provider} passed on your request to delete what we had from there. The connection is off, and the "
            "name of the account, our permission and the addresses of your posts there are deleted here. What you sold stays in "
            "your earnings.\n\nYour channels: {base_url}/creator/channels"
        ),
    ),
    "channel_ends": (
        N_("{account}: our permission at {at_provider} ends soon"),
        N_(
            "Hi {name},\n\nthe permission to post for your account {account} ends on {end}, and only you can renew it. Posts that are "
            "planned after that will not go out.\n\nConnect it again, which takes a minute: {base_url}/creator/channels"
        ),
    ),
}
