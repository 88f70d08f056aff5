# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#       format_version: '1.3'
#   kernelspec:
#     display_name: Python 3 (ipykernel)
#     language: python
#     name: python3
# ---

# %% [markdown]
# # 9 · TensorBoard：全部面板，以及逐字节读懂事件文件
#
# 训练是个漫长的过程，没有人会一行一行盯着看。训练程序写日志，另一个程序把日志画出来。
#
# **学完本章，你能**把训练过程记录得名副其实，知道想看什么该用哪个面板，能在 Python 里把日志读回来，还能把事件文件一个字节一个字节地拆开。
#
# **需要**第 6 章（分类）和第 7 章（卷积）。**时间：** 35 分钟。

# %% [markdown]
# ## 9.1 两个程序，中间隔着一个文件
#
# ![TensorBoard 中的损失与准确率，训练和验证画在同一张图里](../images/timeseries.png)
#
# 这就是 TensorBoard，它是**查看端**：一个读文件、画图的网页服务器。它不认识 Python 对象，不认识模型，也不认识任何框架。
# 你的程序里有**写入端**（writer），负责往文件里追加记录。两个程序之间只有这个文件相通，所以它们不必同时运行，也不必在同一台机器上。
#
# [那篇文章](../README.md#the-article)说 tensorboardX 是“TensorBoard 的一个扩展”。并非如此：tensorboardX、`torch.utils.tensorboard`
# 和 `tbwriter` 是同一种格式的三个独立的写入端，哪一个都能配合原版查看端使用。写日志的程序也不需要导入 TensorBoard。
#
# 文章里还有一个坑：`SummaryWriter()` 不写目录时会写到 `runs/` 下面，于是 `tensorboard --logdir=log/` 打开是一片空白。目录一定要写明。

# %% [markdown]
# 装着这种文件的目录叫一次**运行**（run）；运行里一条曲线的名字叫**标签**（tag）；一个值在横轴上的位置叫**步数**（step）。
# 运行、标签、步数、值——TensorBoard 几乎全由这四样东西构成。
#
# ## 9.2 带日志的训练循环
#
# 下面是识别第 7 章那些数字的一个小卷积网络，以及一个会“说话”的训练循环。请留意每个 `add_scalar` 的第三个参数，它就是步数，
# 大多数日志都错在这里。

# %% [markdown]
# 这个循环有三个好习惯：批次用自己的计数器来数；一个 epoch 的损失是对*样本*求平均，因为最后一批往往不满；验证损失每个 epoch
# 测一次，测的时候不记录梯度。
#
# ## 9.3 步数为什么不能重复
#
# 标着“the article's”的那一行把每一批都记在它所属 *epoch* 的步数上，而文章说这样记录的是“每个 epoch 的损失”。
# 结果同一个 epoch 的所有批次都挤在同一个位置：

# %% [markdown]
# 而且 TensorBoard 连这些竖线都不会画出来。它默认的加载器看到步数没有上升，就认为运行从那里重新开始了，于是把这一步及以后已有的点全部丢掉。
# 一个 epoch 的批次里只剩下最后一批，其高低全凭这一批的运气。（加上 `--load_fast=false` 会全部显示，画成一根根竖线。
# 两种都不是 epoch 的损失。）
#
# 这条规则几行就能写完：

# %% [markdown]
# ## 9.4 “Smoothing” 滑块做了什么
#
# 按批记录的曲线很毛糙，因为每一批都是另一个小样本。TensorBoard 的滑块会在上面再画一条平滑曲线。下面是滑块的两个位置：

# %% [markdown]
# 它是权重为 $w$ 的指数滑动平均，和 Adam 对梯度所做的平均一样：
#
# $$s_k = w\, s_{k-1} + (1 - w)\, v_k, \qquad s_0 = 0, \qquad \text{显示}_k = \frac{s_k}{1 - w^k} .$$
#
# 最后的除法用来抵消 $s_0 = 0$ 的拖累：各个值的权重 $(1-w) w^{k-i}$ 加起来只有 $1 - w^k$。往前数 $1/(1-w)$ 步的那个值，
# 权重约为最新值的三分之一，所以 $w = 0.99$ 相当于往回看 100 步。平滑后的曲线因此总是滞后，还会掩盖尖峰。
# 在相信“训练很平稳”之前，先把滑块拨到 0。
#
# ## 9.5 把几条曲线画进同一张图
#
# 对同一个标签，每个*运行*画一条线。所以上面把验证损失写进运行里面的另一个运行，标签同样叫 `loss/epoch`：它便以另一种颜色
# 出现在同一张图里。这是最好的对比方式，代价只是多一个 writer。`add_scalars("loss", {"train": ..., "test": ...}, step)` 一次调用就能做到：
# 每条曲线成为子目录里的一个运行。
#
# **Custom Scalars** 面板用来画别的图。它自己没有数据，只有一份写着标签名的布局：*multiline* 图把一个运行的几个标签画在一起，
# *margin* 图画一个值和它的上下界。

# %% [markdown]
# 现在 `digits` 目录里有两个事件文件，各来自一个 writer。TensorBoard 和 `read_scalars` 把一个目录里的所有文件当作同一次运行，
# 按文件名的先后（开头就是时间）来读。训练中断后接着跑，不过是多出一个文件。
#
# ## 9.6 Histograms 与 Distributions
#
# 720 个权重，一步只记一个数，能说明的太少。`add_histogram` 数出每个区间里落了多少个值，有两个面板会画它。
# **Histograms** 每一步画一座小山，最新的在最前面：

# %% [markdown]
# 看什么？权重从起点向两边铺开，说明在学习；一步步过去山形纹丝不动，说明这一层被冻结了，可能是有意的，也可能是失误。
# 剩下要学的东西越少，梯度越小；0 处孤零零一根高柱，说明这一层得不到梯度；山的宽度一步步成倍增长，说明学习率太大。
#
# **Distributions** 从上往下看同样的数据，沿步数画出九条线：最小值、最大值，以及正态分布在均值、两侧 0.5、1、1.5 倍标准差处对应的百分位数。
# 百分位数落在某个区间里，在区间内按直线插值：
#
# $$q(p) = l_j + (r_j - l_j)\,\frac{p\,n - C_{j-1}}{c_j}, \qquad C_j = \sum_{i \le j} c_i, \quad C_{j-1} \le p\,n \le C_j,$$
#
# 其中区间 $j$ 从 $l_j$ 到 $r_j$，$n$ 个值里有 $c_j$ 个落在其中。

# %% [markdown]
# ## 9.7 图片、声音、动画与文字
#
# `add_image` 接收 0 到 1 的浮点数或字节数组，坐标轴的含义由 `dataformats` 说明（默认 "CHW"），存成 PNG。凡是网络看到的和做出来的，
# 都值得记成图片：滤波器、特征图、注意力、认错的样本。`nn.viewing` 能画这些；它给出的 `Picture` 是一个数组，notebook 能显示，writer 也能接收。

# %% [markdown]
# 存进文件的并不是原来的数：图片存成 PNG，声音存成 WAV，动画存成 GIF，文字存成 Markdown（TensorBoard 会渲染，包括表格）。
# 读回来时各归各样：

# %% [markdown]
# 动画没有自己的面板，它就是 Images 里会动的图片。此外，`add_figure` 记录 matplotlib 的图，`add_mesh` 记录空间中的点和三角形，
# `add_images` 把一批图片排成网格。
#
# ## 9.8 计算图
#
# ![TensorBoard 中一个网络的计算图](../images/graphs.png)
#
# `add_graph(model, x)` 记录哪个运算的输出送给了哪个运算。`GraphDef` 是一串节点，每个节点有名字、运算和各个输入的名字。
# 名字里的斜杠形成一个个方框，双击即可展开。文章问怎样展示模型结构：对 PyTorch 的模型，writer 要运行它的追踪器；`nn` 的模型则自己说出有哪些节点。

# %% [markdown]
# ## 9.9 Projector（投影器）
#
# ![Projector 中的数字特征，每个点带着自己的图片](../images/projector.png)
#
# `add_embedding` 用于高维的点：词嵌入里的词，或者网络在最后一层之前把图片变成的向量。每个点可以带标签和小图片。
# Projector 是唯一不读事件文件的面板：writer 把点写进旁边的表格文件，并在 `projector_config.pbtxt` 里登记。

# %% [markdown]
# 它首先显示的是主成分分析（PCA）：从点云最宽的那一面去看。这只需几行线性代数，我们在这里也画出来。

# %% [markdown]
# 设 $X = U S V^\top$ 是中心化之后的点的奇异值分解，那么 $V$ 的前两列就是方向，$X V_2$ 就是这张图，$S_1^2 / \sum_i S_i^2$ 是第一个方向
# 所展示的方差占比。看图之前先看占比：若只展示了 40 %，图上重叠的两团点实际上可能相距很远。（投影器的另外两种方法 UMAP 和 t-SNE
# 能让邻居保持在一起，但组与组之间的距离是编出来的。）
#
# ## 9.10 PR 曲线与超参数
#
# 分类器给出概率，阈值得由人来定。精确率（precision）问：判为 8 的里面有多少真是 8；召回率（recall）问：真正的 8 找到了多少。
# `add_pr_curve` 在 127 个阈值上记录这两个数：

# %% [markdown]
# **HPARAMS** 面板比较的是一次次完整的运行。`add_hparams` 记录一次运行的设置和结果的标签；面板做成一张表，每次运行一行，可以排序和筛选。
#
# ![HPARAMS：每次运行一行](../images/hparams.png)

# %% [markdown]
# ## 9.11 一条记录，逐字节看
#
# 现在来看文件本身。我们在一个固定的时刻记录一个数，看第二条记录。（每个文件的第一条记录只说明格式的版本。）

# %% [markdown]
# 数据外面那一层“框”很简单：
#
# | 字节数 | 内容 |
# |---|---|
# | 8 | 数据的长度 $n$，低位字节在前 |
# | 4 | 这 8 个字节的校验和 |
# | $n$ | 数据 |
# | 4 | 数据的校验和 |
#
# 校验和是 CRC-32C（Castagnoli）。它把字节串看成 $\{0, 1\}$ 上一个很长的多项式的系数，做除法后留下余数；写成代码就是每一位右移一次。
# 余数 $c$ 还要再*掩码*一次，免得数据里本来就含有校验和时互相混淆：
#
# $$\text{masked}(c) = \big((c \gg 15) \mid (c \ll 17)\big) + \mathtt{0xA282EAD8} \mod 2^{32} .$$

# %% [markdown]
# ## 9.12 数据部分：手工解码 protobuf
#
# 数据是一个按 Protocol Buffers 编码的 `Event`，也就是平铺的一串字段。每个字段以一个数开头，叫*键*（key）；它的最低三位说明内容怎么存，
# 其余的位说明是哪个字段：
#
# $$\text{键} = 8 \cdot \text{字段号} + \text{类型}.$$
#
# | 类型 | 内容 |
# |---|---|
# | 0 | *varint*：每字节 7 位，低位在前；最高位为 1 表示后面还有字节 |
# | 1 | 8 个字节（`double`） |
# | 2 | 一个表示长度的 varint，随后是那么多字节：文字，或者嵌套在里面的消息 |
# | 5 | 4 个字节（`float`） |
#
# 在上面的图里，`09` 是 $8 \cdot 1 + 1$：字段 1，8 个字节，即时刻。`10` 是 $8 \cdot 2 + 0$：字段 2，一个 varint，即步数。
# `2a` 是 $8 \cdot 5 + 2$：字段 5，一条 `0d` = 13 字节的消息。完整的解码器只要两个函数：

# %% [markdown]
# 文件里没有名字，只有编号：`5` 代表 summary，这是写在 `event.proto` 里的约定。遇到不认识的字段，读者可以跳过，因为类型说明了它有多长。
# 旧版 TensorBoard 能读新文件，原因就在这里。
#
# 这里一个标量花了 42 个字节：框 16 个，时刻和步数 11 个，summary 15 个。而且它是 4 字节的 `float`，所以记录 0.1，读回来是 0.10000000149。
#
# ## 9.13 十五行的写入端
#
# 能读，就能写。除了校验和，什么库都用不着：

# %% [markdown]
# （它只有一处是简化的：长度和步数超过 127 时，varint 需要不止一个字节。）TensorBoard 显示这个文件，和显示别的文件没有两样。
#
# ## 9.14 损坏、刷新与时刻
#
# **结尾不完整**是正常的：writer 可能正在写，也可能被杀掉了。读者停在最后一条完整的记录处等待即可。**校验和不对的记录**才是损坏：
# `read_events` 会说出在哪里，而 TensorBoard 一声不响地停在那里。损坏之前的内容仍然完好。

# %% [markdown]
# **刷新。** `add_scalar` 这样的调用返回时，数据还没有落盘：写盘由另一个线程来做，训练不必等待。`flush()` 或 `close()` 一旦返回，
# 之前添加的全部都在文件里了。`with SummaryWriter(...)` 即使训练因异常而中断也会关闭文件，而那正是最需要日志的时候。
#
# **时刻**（wall time）。每个事件都带着添加时的时刻。TensorBoard 的横轴可以是步数，可以是从开始算起的时间（RELATIVE），
# 也可以是钟表时间（WALL）。步数说明模型看过多少数据，时间说明为此付出了多少。比较两种优化器时，两样都要看。

# %% [markdown]
# ## 全部面板一览
#
# | 面板 | 调用 | 用来看什么 |
# |---|---|---|
# | Time Series、Scalars | `add_scalar`、`add_scalars`、`log` | 损失、准确率、学习率、梯度的长度 |
# | Custom Scalars | `add_custom_scalars` | 带上下界的曲线，几个标签画在一起 |
# | Histograms、Distributions | `add_histogram` | 权重、梯度、激活值随时间的变化 |
# | Images | `add_image`、`add_images`、`add_figure`、`add_video` | 滤波器、特征图、注意力、认错的样本 |
# | Audio、Text、Mesh | `add_audio`、`add_text`、`add_mesh` | 模型生成的样例、设置 |
# | Graphs | `add_graph` | 连接是否如你所想 |
# | Projector | `add_embedding` | 谁和谁离得近 |
# | PR Curves | `add_pr_curve` | 选阈值，稀有类别 |
# | HPARAMS | `add_hparams` | 哪组设置最好 |
#
# 本章记录过的全部内容，列一份清单：

# %% [markdown]
# 想在 TensorBoard 里看日志，先 `pip install "fromzero[board]"`，然后在命令行运行：
#
#     fromzero train cnn --log-dir runs/cnn
#     fromzero board runs
#
# 第二行启动原版查看端，并告诉你打开哪个地址。在 Jupyter 里，下一个单元格能显示本章的运行；自动执行时会跳过它，因为它要启动一个服务器。

# %% [markdown]
# ## 练习
#
# - [`log_training_run`](../../nn/exercises/catalogue/log_training_run.py)：`fromzero exercise start log_training_run --lang zh`。
#   记录一次训练，每批一个步数，每个 epoch 一个平均值，并手写一条记录。
# - [`drill_global_step`](../../nn/exercises/catalogue/drill_global_step.py)：`fromzero exercise start drill_global_step --lang zh`。
#   修好文章里的循环。
#
# 第一题的一半在本章里已经解决了。下面补上另一半，并检查：

# %% [markdown]
# ## 代码在哪里
#
# - [`tbwriter/files/records.py`](../../tbwriter/files/records.py)：记录的框，读和写。
# - [`tbwriter/messages/encode.py`](../../tbwriter/messages/encode.py)：标量的快速通道，像上面那样直接拼字节。
# - [`tbwriter/summaries/`](../../tbwriter/summaries/histogram.py)：每个面板一个文件，把值变成字节。
# - [`tbwriter/files/reader.py`](../../tbwriter/files/reader.py)：`read_events`、`read_scalars`，以及遇到损坏怎么办。
# - [`proto/event.proto`](../../proto/event.proto)：字段的名字就写在这份约定里。
# - [`tbwriter/README.md`](../../tbwriter/README.md)：writer 的承诺，以及三种 writer 的比较。
