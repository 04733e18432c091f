"""Train the plain and the cheaper models alike on generated clips, and compare them: right answers, multiplications, time.

    OMP_NUM_THREADS=1 python tools/faster.py

Two tasks that no single frame answers: dots that drift four ways, and stick figures in the pairs of actions that are each other's
reversal, performed by people not seen in training. For each task and seed all variants learn from the same clips in the same
order for the same number of steps, and answer about the same clips. A line of `--output` is one of them, compared with the plain
model of its seed (`difference`, with its 95 % interval). Tasks and seeds that are in the file already are left out.
"""
import csv,itertools,os,sys,time
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any
import torch
import torch.nn.functional as F
from torch import Tensor,nn
from torch.utils.flop_counter import FlopCounterMode
from lsvit.config import ModelConfig
from lsvit.device import set_seed
from lsvit.cli.console import command
from lsvit.evaluate.metrics import paired_difference
from lsvit.models.merge import merge_blocks
from lsvit.models.lsvit import LSViTForAction
from lsvit.models.motion import LMIModule
from lsvit.device import hardware
from lsvit.data.generate import DOTS4,REVERSED_PAIRS,action_clip,dots_clip

COLUMNS = ('data','variant','seed','clips','right','share','difference','low','high','gmacs_ratio','time_ratio','command','date','hardware')
TASKS:dict[str,Any] = {f'{clip.__name__}, {steps} steps': (clip, classes, steps) for clip,classes,steps in (
    (action_clip, tuple(itertools.chain(*REVERSED_PAIRS)), 150), (dots_clip, DOTS4, 150),
    (action_clip, tuple(itertools.chain(*REVERSED_PAIRS)), 300))}
VARIANTS = ('plain','frame_merge=1,3','token_merge=1,3','half of the frames',  # blocks 1 and 3 of six, as 2 and 6 of twelve
            'frame_merge=1,3 untrained','half of the frames untrained')  # with the weights of the plain one


class TokenLMI(LMIModule):
    "LMI of merged tokens: they meet on the patch grid, where each stands wherever its patches are"
    where:Tensor|None = None  # `(B,P)`: the token of each patch
    def _meet(self, r:Tensor, grid:tuple[int,int])->Tensor:
        if self.where is None: return super()._meet(r, grid)
        return gathered(super()._meet(spread(r, self.where, self.n_prefix), grid), self.where, r.shape[2]-self.n_prefix, self.n_prefix)

def spread(x:Tensor, where:Tensor, prefix:int)->Tensor:
    "Tokens `(B,T,N,D)` to the patches that they stand for"
    at = where[:,None,:,None].expand(-1, x.shape[1], -1, x.shape[3])
    return torch.cat([x[:,:,:prefix], x[:,:,prefix:].gather(2, at)], 2)

def gathered(x:Tensor, where:Tensor, n:int, prefix:int)->Tensor:
    "Patches `(B,T,N,D)` to `n` tokens: the mean of those that one token stands for"
    member = (where[:,None]==torch.arange(n, device=where.device)[:,None]).to(x)  # (B,n,P)
    return torch.cat([x[:,:,:prefix], (member/member.sum(2, keepdim=True))[:,None]@x[:,:,prefix:]], 2)

def halved(x:Tensor, prefix:int)->Tensor:
    "Which of half as many tokens each becomes, one map for all frames: every second joins the likest of the others (Bolya et al. 2023)"
    f = F.normalize(x[:,:,prefix:].mean(1), dim=-1)  # (B,N,D)
    n = f.shape[1]//2
    where = torch.arange(f.shape[1], device=x.device)[None].repeat(len(x), 1)//2
    where[:,:2*n:2] = (f[:,:2*n:2]@f[:,1::2].mT).argmax(2)
    return where

class TokenMerging(LSViTForAction):
    "The rival: behind the blocks `at` half as many tokens in each frame, instead of half as many frames"
    def __init__(self, cfg:ModelConfig, at:str):
        super().__init__(cfg)
        self.at = merge_blocks(at, cfg.depth)
        for blk in self.backbone.blocks: blk.lmim.__class__ = TokenLMI

    def forward_tokens(self, x:Tensor)->Tensor:
        net:Any = self.backbone
        x = self.embed(self.smif(x).flatten(0,1)).unflatten(0, x.shape[:2])
        where,p = None,net.num_prefix_tokens
        for i,blk in enumerate(net.blocks, 1):
            blk.lmim.where = where
            x = self.block(blk, x)
            if i not in self.at: continue
            new,n = halved(x.detach(), p),(x.shape[2]-p+1)//2
            patches = x if where is None else spread(x, where, p)
            where = new if where is None else new.gather(1, where)
            x = gathered(patches, where, n, p)
        return net.norm(x if where is None else spread(x, where, p))


def built(variant:str, cfg:ModelConfig)->LSViTForAction:
    "The model of a variant"
    what,_,at = variant.removesuffix(' untrained').partition('=')
    if what=='token_merge': return TokenMerging(cfg, at)
    return LSViTForAction(cfg.replaced(variant, frame_merge=at))

def pixels(clips:Tensor, variant:str)->Tensor:
    "Normalised frames, as many as the variant looks at: of half of them, those that are as far from the end as from the beginning"
    T = clips.shape[1]
    return (clips[:,[*range(0, T//2, 2), *range(T-1-(T//2-1)//2*2, T, 2)]] if variant.startswith('half') else clips).float()/127.5-1

def rendered(data:str, seeds:range, T:int, size:int)->tuple[Tensor,Tensor]:
    "A clip of each class for each seed, uint8 `(n,T,C,H,W)`, and their classes"
    clip,classes,_ = TASKS[data]
    jobs = [(label, seed) for seed in seeds for label in classes]
    with ProcessPoolExecutor(len(os.sched_getaffinity(0)), get_context('fork'), torch.set_num_threads, (1,)) as pool:
        clips = list(pool.map(partial(clip, n_frames=T, size=size), *zip(*jobs), chunksize=32))
    return torch.stack(clips),torch.arange(len(classes)).repeat(len(seeds))

def train(m:nn.Module, variant:str, clips:Tensor, y:Tensor, steps:int, seed:int, lr:float=2e-3, B:int=32)->None:
    "AdamW, one cycle; the clips and their order depend on the seed alone"
    g = torch.Generator().manual_seed(seed)
    opt = torch.optim.AdamW(m.train().parameters(), lr, weight_decay=0.05)
    sched = torch.optim.lr_scheduler.OneCycleLR(opt, lr, total_steps=steps)
    for _ in range(steps):
        i = torch.randint(len(y), (B,), generator=g)
        loss = F.cross_entropy(m(pixels(clips[i], variant)), y[i])
        opt.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(m.parameters(), 1.)
        opt.step()
        sched.step()

@torch.inference_mode()
def answers(m:nn.Module, variant:str, clips:Tensor, y:Tensor)->list[bool]:
    "Is it right, clip by clip?"
    said = torch.cat([m(pixels(part, variant)).argmax(1) for part in clips.split(64)])
    return (said==y).tolist()

@torch.inference_mode()
def costs(models:dict[str,LSViTForAction], clips:Tensor, turns:int=7)->dict[str,tuple[float,float]]:
    "Multiplications (attention included) and least processor seconds of a batch, in turns; the first turn warms up"
    out = {}
    seconds:dict[str,list[float]] = {v:[] for v in models}
    for turn in range(turns+1):
        for v,m in models.items():
            x,start = pixels(clips, v),time.process_time()
            m(x)
            if turn: seconds[v].append(time.process_time()-start)
    for v,m in models.items():
        with FlopCounterMode(display=False) as count: m.to('meta')(pixels(clips, v).to('meta'))
        out[v] = count.get_total_flops()/2,min(seconds[v])
    return out

def compared(data:str, seed:int, n_train:int, n_test:int, T:int=8, size:int=32)->list[list[Any]]:
    "A line for each variant, from `data` to `time_ratio`"
    K,models,right = len(TASKS[data][1]),{},{}
    learn,test = rendered(data, range(seed<<20, (seed<<20)+n_train//K), T, size),rendered(data, range(9<<20, (9<<20)+n_test//K), T, size)
    for v in VARIANTS:
        set_seed(seed)
        models[v] = built(v, ModelConfig.preset('micro', depth=6, image_size=size, patch_size=8, num_classes=K))
        if v.endswith('untrained'): models[v].load_state_dict(models['plain'].state_dict())
        else: train(models[v], v, *learn, TASKS[data][2], seed)
        right[v] = answers(models[v].eval(), v, *test)
        print(f'{data}, seed {seed}, {v}: {sum(right[v])} of {len(right[v])} right', flush=True)
    cost = costs(models, test[0][:32])
    against = {v:paired_difference(right[v], right['plain']) if v!='plain' else ('','','') for v in VARIANTS}
    rows = [[data, v, seed, len(right[v]), sum(right[v]), sum(right[v])/len(right[v]), *against[v],
             *(mine/plain for mine,plain in zip(cost[v], cost['plain']))] for v in VARIANTS]
    return [[round(c, 4) if isinstance(c, float) else c for c in row] for row in rows]


@command(name='faster.py')
def main(
    output:str='results/faster.csv',  # The file of comparisons
    data:str='',  # Only the tasks with this in their names
    seeds:int=2,  # Trainings of each variant
    n_train:int=1600,  # Clips to learn from
    n_test:int=2048,  # Clips to answer about
)->None:
    out,told = Path(output),f'python tools/faster.py --n_train {n_train} --n_test {n_test}'
    new = not out.exists()
    done = set() if new else {(r['data'],r['seed'],r['command']) for r in csv.DictReader(open(out, newline=''))}
    if not 0<seeds<=9: raise ValueError(f'--seeds {seeds}: 1 to 9, the test clips come after those')
    out.parent.mkdir(parents=True, exist_ok=True)
    with open(out, 'a', newline='') as f:
        w = csv.writer(f, lineterminator='\n')
        if new: w.writerow(COLUMNS)
        for task,seed in itertools.product([t for t in TASKS if data in t], range(seeds)):
            if (task,str(seed),told) in done: continue
            for row in compared(task, seed, n_train, n_test):
                w.writerow([*row, told, date.today().isoformat(), hardware(torch.device('cpu'))])
            f.flush()

if __name__=='__main__': sys.exit(main())
