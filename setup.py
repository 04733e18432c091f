"The package as settings.ini describes it, with the version from lsvit/__init__.py."
import re
from configparser import ConfigParser
from pathlib import Path
from setuptools import find_packages,setup

root = Path(__file__).parent
settings = ConfigParser(delimiters=['='])
settings.read(root/'settings.ini', encoding='utf-8')
cfg = settings['DEFAULT']

def lines(key:str)->list[str]:
    "The entries of a setting that holds one a line"
    return cfg[key].strip().splitlines()

setup(
    version=re.search(r'^__version__ = "(.+)"', (root/'lsvit/__init__.py').read_text(encoding='utf-8'), re.M)[1],
    description=cfg['description'],
    long_description=(root/'README.md').read_text(encoding='utf-8'), long_description_content_type='text/markdown',
    author=cfg['author'], license=cfg['license'], keywords=cfg['keywords'].split(),
    classifiers=['Programming Language :: Python :: 3', 'Framework :: Jupyter',
                 'Topic :: Scientific/Engineering :: Artificial Intelligence'],
    packages=find_packages(include=['lsvit*']), package_data={'lsvit': ['py.typed']},
    install_requires=lines('requirements'),
    extras_require={extra: lines(f'{extra}_requirements') for extra in ('dev','torchcodec','live','distributed','tracking')},
    entry_points={'console_scripts': lines('console_scripts'), 'nbdev': ['lsvit=lsvit._modidx:d']},
)
