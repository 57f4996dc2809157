"""Letters about posts that need their creator."""

from ...kernel.errors import N_

TEXTS = {
    "post_failed": (
        N_("Your post was not published on {channel}"),
        N_(
            "Hi {name},\n\nthis post did not go out on {channel} (@{account}):\n“{post}”\n\n{why}\n\n{step}\n\n"
            "See the post: {base_url}{path}"
        ),
    ),
    "post_unclear": (
        N_("Is your post on {channel}? Please have a look"),
        N_(
            "Hi {name},\n\nwe handed this post to {channel} (@{account}), but cannot find out whether it is there:\n“{post}”\n\n{why}\n\n"
            "{step}\n\nSo that it never stands there twice, we do not send it again before we know. "
            "Tell us here: {base_url}{path}"
        ),
    ),
    "post_waits": (
        N_("Your posts wait for {channel}"),
        N_(
            "Hi {name},\n\nit is time for this post, but {channel} does not let us into the account @{account}:\n“{post}”\n\n{why}\n\n{step}\n\n"
            "Connect it again: {base_url}/creator/channels\nSee the post: {base_url}{path}"
        ),
    ),
}
