"""The words of sheets for the types of layers, beside those of a file and of frameworks."""

from __future__ import annotations

from cnncalc.homework.answers.head_words import by_role

# What a name may begin with, in lower case without accents. Words of no single type, or of another
# one in a file, are of the likeliest; `any` may be of several types.
_WORDS = """
max_pool: pool downsample maxpool maximumpool agrupamiento agrupamento
    submuestreo sousechantillonnage
lrn: norm normalization
fc: linear output classifier hidden fullyconnected fullconnect fullyconnect
    fullconnection affine logits dense vollverbunden vollvernetzt ausgabe
    totalmenteconectada salida sortie entierementconnectee densa saida uscita
input: input image eingabe eingang entrada entree ingresso
any: shortcut identityblock
avg_pool: subsampling subsample avgpool averagepool meanpool
global_avg_pool: gap globalpool
batch_norm: bn
conv: faltung convolucion convolucional convoluzione convolutiva
    couchedeconvolution
pad: zeropad
"""

# Parts of names, of languages that are written without spaces, or in other letters.
_STEMS = """
avg_pool: 平均池化 平均プーリング
max_pool: 池化 プーリング 풀링 пулинг подвыборк
conv: 卷积 卷積 畳み込み 합성곱 컨볼루션 컨벌루션 свертк сверточн свёрт
fc: 全连接 全連接 输出 全結合 出力 완전연결 완전_연결 전결합 출력 полносвяз выход
input: 输入 入力 입력 вход
flatten: 展平
"""

WORDS = {word: None if kind == "any" else kind for word, kind in by_role(_WORDS)}
STEMS = dict(by_role(_STEMS))
# The letters of LeNet's paper, C1 S2 C3 S4 C5 F6, and of names that are made like them.
LETTERS = {"C": "conv", "S": "avg_pool", "P": "max_pool", "F": "fc"}
