import warnings

__version__ = "0.1.0"

# fastai scripts two small layers when it is imported, and torch warns of that in every process
warnings.filterwarnings('ignore', message='`torch.jit.script` is deprecated', category=FutureWarning)
