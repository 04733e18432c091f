"Everything a notebook needs: `from lsvit.all import *`"
from lsvit.checkpoint import *
from lsvit.cli import *
from lsvit.config import *
from lsvit.data import *
from lsvit.evaluate import *
from lsvit.learner import *
from lsvit.model import *
from lsvit.motion import *
from lsvit.precision import *
from lsvit.predict import *
from lsvit.sampling import *
from lsvit.synth import *
from lsvit.transforms import *
from lsvit.video import *
from lsvit.viz import *
