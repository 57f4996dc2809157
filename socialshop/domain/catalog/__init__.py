from .models import *  # placeholder door; its owner lists what others may call
