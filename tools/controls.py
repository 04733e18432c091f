"""Ask the models that `tools/answers.py --fold_pattern …` has left behind again, with the order of the frames destroyed.

    python tools/controls.py --name ut_interaction --data_root ut --fold_pattern 'set1_\\d+_(\\d+)_' --checkpoint_dir runs/NAME

Each fold's last model is asked about the clips that it was not trained on: as they are, frozen, shuffled and reversed. A line of
`--output` is one of the four over all folds, with the columns data, motion, seed, control, clips, right, command, date, hardware;
lines of the same data, motion and seed are replaced.
"""
import csv,io,shlex,sys
from datetime import date
from pathlib import Path
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


@command(name='controls.py')
def main(
    name:str,  # Of the data set, as it was for answers.py
    data_root:str,  # The same
    fold_pattern:str,  # The same
    checkpoint_dir:str,  # The same: a run folder for each fold
    output:str='results/real_controls.csv',  # The file of counts
    views:int=3,  # Clips of each video that an answer averages
)->None:
    root,runs,out = Path(data_root),Path(checkpoint_dir),Path(output)
    folds = folds_of(TrainingConfig(data_root=str(root)), fold_pattern)
    right,arms = dict.fromkeys((AS_IS,*CONTROLS), 0),set()
    for fold,clips in folds.items():
        ckpt = runs/fold/'last_model.safetensors'
        p,seed = Predictor.from_checkpoint(ckpt, views=views),load_checkpoint(ckpt).training['seed']
        arms.add((name, arm_of(p.model.cfg), str(seed)))
        for how in right:
            said,errors = (p if how==AS_IS else p.under(how)).predict_many([v for v,_,_ in clips], num_workers=0, quiet=True)
            if errors: raise errors[0]
            right[how] += sum(s.label==label for s,(_,_,label) in zip(said, clips, strict=True))
        print(f'{fold}:', ', '.join(f'{how} {k}' for how,k in right.items()), flush=True)
    if len(arms)>1: raise ValueError(f'{runs} holds different models: {", ".join(map(str, sorted(arms)))}')
    (key,),n = arms,sum(map(len, folds.values()))
    told = shlex.join(['python','tools/controls.py','--name',name,'--fold_pattern',fold_pattern])+' …'
    rows = list(csv.reader(open(out, newline='', encoding='utf-8')))[1:] if out.exists() else []
    text = io.StringIO()
    csv.writer(text, lineterminator='\n').writerows([
        COLUMNS, *(r for r in rows if tuple(r[:3])!=key),
        *([*key, how, n, k, told, date.today().isoformat(), hardware(p.device)] for how,k in right.items())])
    write_atomic(out, lambda f: f.write_text(text.getvalue(), encoding='utf-8'))

if __name__=='__main__': sys.exit(main())
