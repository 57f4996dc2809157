"""All that may be said of a post's files on one channel: what has to be changed, and what is mended. Pure."""

from __future__ import annotations

from ...kernel.errors import N_
from .sayings import Saying

_ALL = (
    Saying("want_picture", "uploads", True, N_("{where}This has to be a picture, not a video.")),
    Saying("want_film", "uploads", True, N_("{where}This has to be a video, not a picture.")),
    Saying("one_file", "uploads", True, N_("{channel} takes one file for this kind of post. Please keep one, or choose another kind.")),
    Saying("few_files", "uploads", True, N_("A carousel on {channel} has at least {least} pictures or videos. Please add one, or choose another kind.")),
    Saying("many_files", "uploads", True, N_("{channel} takes at most {most} files in one post. Please remove some.")),
    Saying("film_type", "uploads", True, N_("{where}{channel} does not take this kind of file ({has}). Please save the video as MP4.")),
    Saying("film_codec", "uploads", True, N_("{where}{channel} cannot play this video ({has}). Please save it as MP4 with H.264.")),
    Saying("film_heavy", "uploads", True, N_("{where}This video has {has} MB; {channel} takes at most {most} MB here. Please shorten it, or save it in a lower quality.")),
    Saying("film_short", "uploads", True, N_("{where}This video is {has} long; {channel} takes {least} or longer here. Please choose a longer one.")),
    Saying("film_long", "uploads", True, N_("{where}This video is {has} long; {channel} takes at most {most} here. Please cut it.")),
    Saying("film_slow", "uploads", True, N_("{where}This video has {has} pictures a second; {channel} wants 23 to 60. Please save it with 30.")),
    Saying("film_wide", "uploads", True, N_("{where}This video is {has} pixels wide; {channel} takes at most {most}. Please save it smaller, such as 1080 × 1920.")),
    Saying("film_small", "uploads", True, N_("{where}This video measures {has} pixels; {channel} wants at least {least} on each side. Please choose a larger one.")),
    Saying("film_large", "uploads", True, N_("{where}This video measures {has} pixels; {channel} takes at most {most} on each side. Please save it smaller.")),
    Saying("film_ratio", "uploads", True, N_("{where}This video is far wider or taller than {channel} takes. Please cut it to 9:16.")),
    Saying("film_sound", "uploads", True, N_("{where}{channel} cannot play the sound of this video ({has}). Please save it with AAC sound of 48 kHz or less.")),
    # what is mended, or done by the channel itself
    Saying("padded", "uploads", False, N_("{where}The picture keeps all of itself: {channel} shows another shape here, so its sides are filled.")),
    Saying("enlarged", "uploads", False, N_("{where}The picture is small. It is enlarged for {channel}, and may look soft.")),
    Saying("film_cropped", "uploads", False, N_("{where}{channel} cuts this video to the shape of the first one.")),
)  # fmt: skip
SAYINGS = {each.code: each for each in _ALL}
