"""Figures that papers, tools and pages give of shipped networks, with what each is a number of."""

from __future__ import annotations

# Figures that others have published, with the number that is meant and a word of why.
PUBLISHED = {
    # He et al. 2015, Table 1 and the text
    ("resnet18", "1.8 billion FLOPs"): (1814073344, "mac"),
    ("resnet50", "3.8 billion FLOPs"): (3857973248, "stride_first=true"),
    ("resnet101", "7.6 billion FLOPs"): (7570194432, "stride_first=true"),
    ("resnet152", "11.3 billion FLOPs"): (11282415616, "stride_first=true"),
    ("vgg19", "19.6 billion FLOPs"): (19632062464, "mac"),
    # He et al. 2015, Table 6
    ("resnet110", "1.7M"): (1727962, "parameters"),
    # Simonyan and Zisserman 2014, Table 2
    ("vgg11", "133M parameters"): (132863336, "parameters"),
    ("vgg16", "138M parameters"): (138357544, "parameters"),
    ("vgg19", "144M parameters"): (143667240, "parameters"),
    # Krizhevsky et al. 2012, the abstract
    ("alexnet_two_towers", "60 million parameters"): (60965224, "parameters"),
    ("alexnet", "650,000 neurons"): (659272, "outputs of convolutions and FC layers"),
    # Szegedy et al. 2014, the rows of Table 1 added up, and the text
    ("googlenet", "6.8M"): (6998552, "M of 1,000 · 2^10"),
    ("googlenet", "1.5 billion multiply-adds"): (1498376192, "googlenet_torchvision"),
    # Howard et al. 2017, Tables 4, 6 and 8
    ("mobilenet_v1", "569 Million Mult-Adds"): (568740352, "mac"),
    ("mobilenet_v1", "4.2 Million Parameters"): (4231976, "parameters"),
    # Sandler et al. 2018, Table 4
    ("mobilenet_v2", "300M MAdds"): (300774272, "mac"),
    # TF-Slim, mobilenet README
    ("mobilenet_v2", "3.47M"): (3470760, "without norms"),
    # Iandola et al. 2016, Table 2
    ("squeezenet1_0", "4.8MB"): (4993696, "MB of 2^20"),
    # Tan and Le 2019, Table 2
    ("efficientnet_b0", "5.3M"): (5288548, "parameters"),
    ("efficientnet_b0", "0.39B FLOPs"): (385814752, "mac"),
    # Ma et al. 2018, Table 8
    ("shufflenet_v2_x2_0", "591M FLOPs"): (590841800, "fvcore"),
    # Liu et al. 2022, Table 1
    ("convnext_tiny", "4.5G FLOPs"): (4455531264, "mac"),
    ("convnext_tiny", "29M"): (28589128, "parameters"),
    # LeCun et al. 1998, section II.B
    ("lenet5", "60,000 parameters"): (60000, "parameters"),
    # Tran et al. 2017, of C3D (arXiv:1708.05038)
    ("c3d", "38.5 GFLOPs"): (38548959232, "mac"),
    # pjreddie.com/darknet/yolo, at 416, 608 and 320
    ("yolov3", "65.86 Bn Ops"): (65864075264, "2mac"),
    ("yolov3", "140.69 BFLOPs"): (140691900416, "608x608"),
    ("yolov3", "38.97 BFLOPs"): (38972825600, "320x320"),
    # torchvision, the weights' _ops and num_params
    ("alexnet", "61,100,840"): (61100840, "alexnet_torchvision"),
    ("resnet50", "25,557,032"): (25557032, "parameters"),
    ("resnet50", "4.089 GFLOPS"): (4089184256, "mac"),
    ("densenet121", "2.834 GFLOPS"): (2834161664, "mac"),
    ("inception_v3", "27,161,264"): (27161264, "parameters"),
    ("deeplabv3_resnet50", "178.722 GFLOPS"): (178721945088, "side paths of training too"),
    ("googlenet", "6,624,904"): (6624904, "googlenet_torchvision"),
    ("mobilenet_v2", "0.301 GFLOPS"): (300774272, "mac"),
    # ptflops, README at 015ad15
    ("vgg11", "7.63 GMac"): (7630106088, "ptflops up to 0.7.0"),
    ("vgg16", "15.5 GMac"): (15470264320, "mac"),
    ("vgg19", "19.67 GMac"): (19667930600, "ptflops up to 0.7.0"),
    ("resnet50", "4.12 GMac"): (4121925096, "ptflops up to 0.7.0"),
    ("resnet101", "7.85 GMac"): (7849500136, "ptflops up to 0.7.0"),
    ("resnet152", "11.58 GMac"): (11580687848, "ptflops up to 0.7.0"),
    ("densenet121", "2.88 GMac"): (2882720488, "ptflops up to 0.7.0"),
    ("squeezenet1_0", "0.83 GMac"): (830046392, "ptflops up to 0.7.0"),
    ("xception", "8.42 GMac"): (8420918352, "ptflops up to 0.7.0"),
    # thop, README at 00421a4 (it divides by 2^20)
    ("vgg16", "131.95 Params(M)"): (138357544, "M of 2^20"),
    ("resnet50", "24.37 Params(M)"): (25557032, "M of 2^20"),
    # timm, results/benchmark-infer-amp-nchw-pt113-cu117-rtx3090.csv
    ("resnet50", "4.11 GMACs"): (4111512576, "fvcore"),
    ("resnet50", "11.11M activations"): (11114984, "outputs of convolutions and FC layers"),
    ("vgg11", "7.44M activations"): (7435240, "outputs of convolutions and FC layers"),
    ("efficientnet_b0", "6.75M activations"): (6748036, "outputs of convolutions and FC layers"),
    ("mobilenet_v2", "6.68M activations"): (6679112, "outputs of convolutions and FC layers"),
    ("inception_v3", "23.83M params"): (23834568, "without the side paths of training"),
    ("efficientnet_b0", "0.40 GMACs"): (401659392, "fvcore"),
    # Keras, Model.summary() of keras.applications; without the top in its README
    ("xception", "22,910,480"): (22910480, "Keras"),
    ("resnet50", "25,636,712"): (25636712, "each convolution with biases"),
    ("resnet152", "60,419,944"): (60419944, "each convolution with biases"),
    ("mobilenet_v1", "4,253,864"): (4253864, "Keras"),
    ("mobilenet_v2", "3,538,984"): (3538984, "Keras"),
    ("densenet121", "8,062,504"): (8062504, "Keras"),
    ("inception_v3", "23,851,784"): (23851784, "norms without scale"),
    ("vgg16", "14.7M"): (14714688, "convolutions alone"),
    # keras.io, Size (MB)
    ("vgg16", "528 MB"): (553430176, "MB of 2^20"),
    ("resnet50", "98 MB"): (102440608, "MB of 2^20"),
    ("mobilenet_v1", "16 MB"): (16927904, "MB of 2^20"),
    # albanie/convnet-burden, README at 1fe5ef5
    ("alexnet", "233 MB"): (244403360, "MB of 2^20"),
    ("alexnet", "727 MFLOPS"): (726704072, "3·3 - 1 at each output"),
    ("vgg16", "58 MB"): (60950432, "activations"),
    ("vgg19", "63 MB"): (66168736, "activations"),
    ("googlenet", "51 MB"): (53513120, "googlenet_training"),
    ("resnet101", "170 MB"): (178196640, "parameters"),
    ("resnet152", "230 MB"): (240771232, "parameters"),
    # torchsummary, README at 011b2bd, where VGG-16 has no pool of a given size
    ("vgg16", "218.59 MB"): (229207872, "torchsummary"),
    ("vgg16", "746.96 MB"): (783240160, "torchsummary"),
    # What tools print of the same networks, and figures of lecture notes
    ("alexnet", "665M"): (665784864, "cut off, not rounded"),
    ("alexnet", "0.71G"): (714188480, "alexnet_torchvision"),
    ("alexnet", "715.6M"): (715561896, "ptflops up to 0.7.0"),
    ("alexnet", "727M"): (726704072, "alexnet_two_towers"),
    ("alexnet", "0.77G"): (773304664, "thop 0.0.23 and 0.0.31 of 2019"),
    ("alexnet", "1.38G"): (1448813632, "G of 1,000 · 2^20"),
    ("alexnet", "2.14G"): (2142565440, "training"),
    ("alexnet", "1.14e9"): (1135256096, "mac"),
    ("alexnet", "2.27 GFLOPs"): (2270512192, "2mac"),
    ("alexnet", "62.4M parameters"): (62378344, "parameters"),
    ("alexnet", "238 MB"): (249513376, "MB of 2^20"),
    ("alexnet", "1.43 GFLOPs"): (1428376960, "alexnet_torchvision"),
    ("alexnet_two_towers", "2.66G"): (2663139456, "a batch of 4"),
    ("alexnet_two_towers", "60M"): (60965224, "parameters"),
    ("vgg16", "15.5G"): (15470264320, "mac"),
    ("vgg16", "30.9G"): (30940528640, "2mac"),
    ("vgg16", "15.61G"): (15607486488, "thop 0.0.23"),
    ("vgg16", "30.96G"): (30960211824, "TensorFlow"),
    ("vgg16", "138,357,544"): (138357544, "parameters"),
    ("vgg16", "15.3G"): (15346630656, "convolutions alone"),
    ("vgg16", "61 MB"): (60950432, "activations"),
    ("resnet50", "3.8G"): (3857973248, "stride_first=true"),
    ("resnet50", "4.1G"): (4089184256, "mac"),
    ("resnet50", "8.2G"): (8178368512, "2mac"),
    ("resnet50", "4.13G"): (4133742592, "thop 0.1.1"),
    ("resnet50", "25.61M"): (25610152, "Keras"),
    ("yolov3", "65.86G"): (65864075264, "2mac"),
    ("yolov3", "65.879 BFLOPs"): (65878611968, "darknet"),
    ("googlenet", "1.5G"): (1498376192, "googlenet_torchvision"),
    ("mobilenet_v2", "327.5M"): (327486720, "thop 0.1.1"),
}
# Of these the digits are not enough: chance would have found as much.
POSSIBLE = {
    ("alexnet", "0.77G"),
    ("alexnet", "1.38G"),
    ("resnet50", "3.8G"),
    ("resnet50", "3.8 billion FLOPs"),
    ("alexnet", "650,000 neurons"),
    ("resnet50", "98 MB"),
    ("mobilenet_v1", "16 MB"),
    ("googlenet", "51 MB"),
    ("resnet101", "170 MB"),
    ("resnet152", "230 MB"),
}
