"""The words of heads, each with its role, by language."""

from __future__ import annotations

# The role, and the words that have it: English, then German, French, Spanish, Portuguese, Italian
# and Russian, in lower case and without accents.
_ROLES = """
filler: of the a an per each for and or with without after its this in your my our to by at is der
    die das des den von fur pro je und mit ohne nach dem einer im de la le les du par et avec sans
    apres pour l d en el los las del por y con sin tras dell dall nell all da do dos os as e com
    sem depois il lo gli dei delle della di ogni dopo i current here how many calculated computed
    expected answer answers required whole only incl including excluding single one resulting
    final new full corresponding excl on если и на в по из для
count: # № number num no nb nr nbr count counts amount quantity anzahl zahl menge nombre numero
    nummer cantidad quantidade numeri qtd quantita n количество число кол
total: total totals sum overall gesamt insgesamt totale totaux suma soma somma общее всего
learned: trainable learnable learned learnt trained tunable trainierbar trainierbare trainierbaren
    lernbare lernbaren entrainables apprenables entrenables entrenable aprendibles treinaveis
    treinavel aprendiveis addestrabili apprendibili обучаемых обучаемые
param: parameter parameters param params parms parametres parametre parametros parametro parametri
    parametern parameterzahl parameteranzahl параметры параметров
weight: weight weights gewicht gewichte gewichten poids peso pesos pesi вес веса весов
bias: bias biases biasse offsets biais sesgo sesgos vies vieses смещение смещения смещений
mac: mac macs macc maccs madd madds multadds mulacc mults multiplications muls mul
    multiplikationen multiplicaciones multiplicacoes moltiplicazioni умножений умножения
flop: flop flops ops operations operation cost costs compute computations computational complexity
    operationen rechenoperationen rechenaufwand aufwand operaciones operacion operacoes operacao
    operazioni calculs cout costo custo операций операции вычислений
bytes: byte bytes octets
add: adds additions addition additionen adiciones adicoes addizioni sums сложений
memory: memory mem storage ram footprint speicher speicherbedarf speicherplatz memoire
    memoria память памяти
receptive: rf receptive fov rezeptives rezeptiv ricettivo rezeptivfeld
field: field fields view feld champ campo
step: step jump schrittweite pas paso passo шаг
effective: effective cumulative accumulated effektive effektiver effectif efectivo efetivo
    effettivo
stride: stride strides schritt
setting: settings setting hyperparameters hyperparams hyperparameter configuration config
    description details detail specification spec specs filter filters kernel kernels filtersize
    kernelsize window padding pad pads dilation groups f k s p filtern filtres filtre filtro
    filtros filtri kern noyau nucleo nucleos beschreibung konfiguration einstellungen remplissage
    relleno parameters' options args arguments ядро ядра фильтры фильтров
in: input inputs inp eingabe eingang eingabevolumen eingabegrosse eingangsgrosse entree entrees
    entrada entradas ingresso вход входа входной входные
out: output outputs out outp result results ausgabe ausgabevolumen ausgabegrosse ausgang
    ausgangsgrosse ausgangsvolumen ausgabeform ergebnis sortie sorties salida salidas saida saidas
    uscita uscite выход выхода выходной выходные
volume: volume vol volumen volumes tensor tensors объем
shape: shape shapes dim dims dimension dimensions dimensionality form forme formas forma format
    abmessungen abmessung dimensionen dimensiones dimensoes dimensao dimensioni dimensione
    resolution auflosung размерность форма
size: size sizes grosse groesse taille tailles tamano tamanho grandezza размер размеры
spatial: spatial extent extents raumlich raumliche spatiale espacial
map: map maps featuremap featuremaps fmap fmaps feature features merkmalskarte merkmalskarten
    карта карты карт признаков
activation: activation act aktivierung activacion ativacao attivazione активация активации
activations: activations acts aktivierungen activaciones ativacoes attivazioni
function: function func fn funktion fonction funcion funcao funzione функция
value: neurons neuron units unit values value elements element entries nodes neuronen neurone
    neurones werte valeurs valores valori elemente neuronas neuronios neuroni unites нейроны
    нейронов значений hidden
height: height heights rows hohe hoehe hauteur altura alto altezza высота
width: width widths cols columns breite largeur ancho largura larghezza ширина
depth: depth channels channel ch tiefe kanale kanal profondeur canaux profundidad canales
    profundidade canais profondita canali глубина каналы каналов
layer: layer layers stage stages block blocks module modules schicht schichten lage couche couches
    capa capas camada camadas strato strati слой слои слоя op
name: name names bezeichnung nom nome название имя
type: type types kind kinds typ art tipo tipos genre layertype тип
number: index idx id step# row item pos position lfd
working: working workings calculation calculations computation formula formulas work derivation
    explanation reasoning solution rechnung rechenweg formel berechnung herleitung calcul formule
    calculo calcolo вычисление формула расчет
remark: remark remarks note notes comment comments why bemerkung bemerkungen anmerkung anmerkungen
    kommentar kommentare remarque remarques commentaire notas nota comentario observacoes
    observaciones osservazioni commenti notizen hint hints points mark marks score punkte
    примечание комментарий
"""

# Parts of words, of languages that write words together.
_STEMS = """
param: parameteranzahl parameterzahl parameter 可训练参数 参数 參數 パラメータ
    파라미터 매개변수
weight: gewichtsanzahl 权重 權重 重み 가중치
out: ausgabe ausgang ruckgabe 輸出 输出 出力 출력
in: eingabe eingang 輸入 输入 入力 입력
memory: speicher 内存 显存 メモリ 메모리
type: schichttyp schichtart layertyp 类型 類型 種類 タイプ 유형 종류
name: schichtname layername 层名 名称 名前 이름
map: merkmalskarte 特征图 特徴マップ
receptive: rezeptiv 感受野 受容野 수용영역 수용
flop: rechen 运算量 計算量 计算量 浮点 演算 計算 연산
bias: 偏置 偏差 バイアス 편향 바이어스
mac: 乘加
working: 计算过程
remark: 备注 備考 비고
height: 高度
width: 宽度
depth: 通道 深度
value: 神经元
setting: 卷积核
stride: 步长
layer: 层 層 レイヤ 레이어 계층 층
shape: 形状 형태 모양 維度 维度
size: サイズ 크기 尺寸 大小
field: 영역
count: 개수 수 数量 个数 数
total: 总数
"""

# Words that are read as another one: those of several words, and with signs in them.
_JOINED = """
multadds: multi-adds, multiply-adds, mult-adds, multiply-add, multi-add, mult-add, mul-adds,
    m-adds, multiply-accumulates, multiply-accumulate, multiply accumulates, multiply accumulate,
    multiply adds, mult adds
receptive field: field of view, field-of-view
featuremap: feature map, feature-map, mappa di attivazione, mapa de caracteristicas, mappa delle
    caratteristiche, carte de caracteristiques, carte d'activation
flop: floating point
layer (: layer (type (var_name):depth-idx, layer (type:depth-idx, layer(type:depth-idx,
    layer (type, layer(type
remark: what it is
params: elements or shape
working: how calculated
rf: champ recepteur, campo receptivo, campo recettivo, campo de receptividad, champ receptif,
    рецептивное поле, рецептивного поля
hyperparameters: hyper-parameters, hyper parameters
nb: nb.
no: no., n°, n.
nr: nr.
without: w/o
"""


def by_role(text: str, mark: str | None = None) -> list[tuple[str, str]]:
    """Return each word of a text of lines `role: words` with its role."""
    found = []
    for paragraph in text.replace("\n    ", " ").strip().splitlines():
        role, _, words = paragraph.partition(": ")
        found += [(word.strip(), role) for word in words.split(mark)]
    return found


WORDS = dict(by_role(_ROLES))
STEMS = sorted(by_role(_STEMS), key=lambda stem: -len(stem[0]))  # the longer ones first
JOINED = dict(by_role(_JOINED, ", "))
