import warnings

__version__ = "0.2.0.dev0"

# fastai scripts two small layers when it is imported, and torch warns of that in every process
warnings.filterwarnings('ignore', message='`torch.jit.script` is deprecated', category=FutureWarning)
