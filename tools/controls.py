"""Ask the models that `tools/answers.py --fold_pattern …` has left behind again, with the order of the frames destroyed.

    python tools/controls.py --name ut_interaction --data_root ut --fold_pattern 'set1_\\d+_(\\d+)_' --checkpoint_dir runs/NAME

Each fold's last model is asked about the clips that it was not trained on: as they are, frozen, shuffled and reversed. A line of
`--output` is one of the four over all folds, with the columns data, motion, seed, control, clips, right, command, date, hardware;
lines of the same data, motion and seed are replaced.
"""
import csv,io,shlex,sys
from argparse import ArgumentParser
from datetime import date
from pathlib import Path
from typing import Any
from answers import arm_of,folds_of
from lsvit.models.checkpoint import load_checkpoint
from lsvit.files import write_atomic
from lsvit.config import TrainingConfig
from lsvit.cli.console import command
from lsvit.video.transforms import CONTROLS
from lsvit.device import hardware
from lsvit.predict.predictor import Predictor

COLUMNS = ['data','motion','seed','control','clips','right','command','date','hardware']
AS_IS = 'as they are'


def main(args:dict[str,Any])->int:
    root,runs,out = Path(args['data_root']),Path(args['checkpoint_dir']),Path(args['output'])
    folds = folds_of(TrainingConfig(data_root=str(root)), args['fold_pattern'])
    right,arms = dict.fromkeys((AS_IS,*CONTROLS), 0),set()
    for fold,clips in folds.items():
        ckpt = runs/fold/'last_model.safetensors'
        p,seed = Predictor.from_checkpoint(ckpt, views=args['views']),load_checkpoint(ckpt).training['seed']
        arms.add((args['name'], arm_of(p.model.cfg), str(seed)))
        for how in right:
            said,errors = (p if how==AS_IS else p.under(how)).predict_many([root/v for v,_,_ in clips], num_workers=0, quiet=True)
            if errors: raise errors[0]
            right[how] += sum(s.label==label for s,(_,_,label) in zip(said, clips, strict=True))
        print(f'{fold}:', ', '.join(f'{how} {k}' for how,k in right.items()), flush=True)
    if len(arms)>1: raise ValueError(f'{runs} holds different models: {", ".join(map(str, sorted(arms)))}')
    (key,),n = arms,sum(map(len, folds.values()))
    told = shlex.join(['python','tools/controls.py','--name',args['name'],'--fold_pattern',args['fold_pattern']])+' …'
    rows = list(csv.reader(open(out, newline='', encoding='utf-8')))[1:] if out.exists() else []
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows([
        COLUMNS, *(r for r in rows if tuple(r[:3])!=key),
        *([*key, how, n, k, told, date.today().isoformat(), hardware(p.device)] for how,k in right.items())])
    write_atomic(out, lambda f: f.write_text(text.getvalue(), encoding='utf-8'))
    return 0

def flags(p:ArgumentParser)->None:
    p.add_argument('--name', required=True, help='of the data set, as it was for answers.py')
    p.add_argument('--data_root', required=True, help='the same')
    p.add_argument('--fold_pattern', required=True, help='the same')
    p.add_argument('--checkpoint_dir', required=True, help='the same: a run folder for each fold')
    p.add_argument('--output', default='results/real_controls.csv', help='the file of counts')
    p.add_argument('--views', type=int, default=3, help='clips of each video that an answer averages')


if __name__=='__main__': sys.exit(command('controls.py', __doc__ or '', flags, main))
