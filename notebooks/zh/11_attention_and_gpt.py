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
# # 11 · 注意力与一个小 GPT
#
# 循环网络把读过的一切装进一个向量，一个词一个词地传下去，很久以前读到的东西要熬过中间的每一步。注意力（attention）让每个词都能直接回头看
# 前面的每个词，并且自己挑选。把这一个想法叠起来，就是今天的语言模型。
#
# **学完本章，你能**手算注意力和它的梯度，说清得分为什么要除以一个平方根、掩码为什么要放在 softmax 之前，训练一个小 GPT，从中采样，并读懂它的注意力图。
#
# **需要**第 6 章（softmax、交叉熵）和第 8 章（归一化、Adam）；读过第 10 章（循环网络）更好。**时间：** 40 分钟。

# %% [markdown]
# ## 11.1 一本什么都回答一点的字典
#
# Python 的字典拿*查询*（query）去比对*键*（key），返回相等的那个键的*值*（value）。注意力做的是同一件事，只是软了一些：
# 每个键按照契合的程度分到一个份额，答案是所有值按份额的平均。下面有三个查询、四个键，都是两个数的向量：

# %% [markdown]
# 查询 0 指向右边，键 0 和键 3 也朝右，于是分走了它的注意力，答案落在两者的值 10 和 40 之间。查询 1 指向下方，那里没有键；可它总得取点什么，
# 便把注意力分给了至少没有指向反方向的键 0 和键 2。查询 2 夹在键 0 和键 1 之间，不过键 3 比它们都更契合。
#
# 写成一个公式，$Q$ 的每一行是一个查询，$K$ 和 $V$ 的每一行是一个键和一个值：
#
# $$\text{attention}(Q, K, V) = \text{softmax}\!\left(\frac{Q K^\top}{\sqrt{d}}\right) V .$$
#
# 每个查询和每个键做点积，方向一致则点积大；对键做 softmax，得到份额（第 6 章）；再用一次矩阵乘法求平均。
# （Vaswani 等，*Attention Is All You Need*，2017。）
#
# 从公式里可以读出三件事。第一，公式本身没有任何要学的东西，知识都在生成 $Q$、$K$、$V$ 的矩阵里，见 11.5。第二，任何两个词都直接见面，
# 相隔再远，路程也是 1；而在循环网络里，路程等于两者之间文字的长度。第三，$T$ 个词有 $T^2$ 对，文本长一倍，代价是四倍。

# %% [markdown]
# ## 11.2 为什么除以平方根
#
# 设查询和键的 $d$ 个分量都是方差为 1 的随机数。每个乘积 $q_i k_i$ 的方差是 1，点积把 $d$ 个加起来，方差就是 $d$：有 256 个分量时，得分的幅度
# 是一个分量时的 16 倍。对八个这样的键做 softmax，结果是：

# %% [markdown]
# 不除以平方根，还没开始学，一个键就已经独占一切。更糟的是，如此确信的 softmax 几乎没有梯度：
# $\partial p_i / \partial s_j = p_i(\delta_{ij} - p_j)$ 在 $p$ 为 0 或 1 时等于 0。除以 $\sqrt{d}$ 之后，不论多宽，得分的方差都是 1，
# 网络才有得选。
#
# ## 11.3 手算梯度
#
# 两次矩阵乘法，中间夹一个 softmax，都是学过的。设 $S = QK^\top/\sqrt d$，$P = \text{softmax}(S)$，$Y = PV$，从上面传来 $G = \partial L/\partial Y$。
# 一步一步往回走：
#
# $$\frac{\partial L}{\partial V} = P^\top G, \qquad \frac{\partial L}{\partial P} = G V^\top,$$
#
# $$\frac{\partial L}{\partial S} = P \odot \Big(\frac{\partial L}{\partial P} - \text{该行以 } P \text{ 为权重的平均}\Big),$$
#
# $$\frac{\partial L}{\partial Q} = \frac{1}{\sqrt d}\,\frac{\partial L}{\partial S} K, \qquad
# \frac{\partial L}{\partial K} = \frac{1}{\sqrt d}\Big(\frac{\partial L}{\partial S}\Big)^{\!\top} Q .$$
#
# 第一行说：谁看过某个值，就按看的份额把意见传给它。中间一行是 softmax 的规则：份额之和为 1，一个要涨，别的就得跌，
# 只有当一个键的值比平均的答案更有帮助时，它的份额才该增加。最后一行是矩阵乘法的规则：查询被拉向它本该去看的那些键。

# %% [markdown]
# ## 11.4 掩码：不许偷看后文
#
# 语言模型要说出下一个词。如果第 3 个词能看到第 4 个词，它就不是在预测，而是在抄。所以一个查询只能看自己和前面的词：

# %% [markdown]
# 未来的得分在 softmax *之前*设为 $-\infty$，因为 $e^{-\infty} = 0$，剩下的份额加起来仍是 1。有人在 softmax *之后*才把权重置零：
# 那样各行之和不到 1，而且未来已经混进了分母。这是常见的错误，检查起来也容易：改动最后一个词，前面的一切都不许变。

# %% [markdown]
# ## 11.5 查询、键、值从哪里来，为什么要有“头”
#
# 在**自注意力**（self-attention）里，三者都由同样的词经过三个可学的矩阵得到：$Q = X W_Q$，$K = X W_K$，$V = X W_V$。
# 于是一个词有三种身份：它在找什么，它凭什么被找到，它交出什么。
#
# 一个 softmax 对每个词只给出一种混合。可是一个动词也许既要找主语，*又*要看紧挨着的前一个词。所以把宽度 $E$ 切成 $h$ 份，称为**头**（head），
# 每个头用 $d = E/h$ 个分量各自做注意力，结果再并排放好，由另一个矩阵混合起来。代价并不比一个宽的头更大。

# %% [markdown]
# ## 11.6 注意力不知道顺序
#
# 把词打乱，每个词得到的答案和原来一样，只是换了位置：求平均不在乎顺序。这样一来，“狗追猫”和“猫追狗”就没有区别了。所以位置必须成为词的一部分。

# %% [markdown]
# 最早的 transformer 给词加上固定的波，波长越来越长，就像钟表的几根指针：
#
# $$p_{t,\,2i} = \sin\!\big(t / 10000^{2i/E}\big), \qquad p_{t,\,2i+1} = \cos\!\big(t / 10000^{2i/E}\big).$$
#
# 两个这样的向量的点积只取决于位置之差，差为 0 时最大：由 $\cos a \cos b + \sin a \sin b = \cos(a - b)$，它是若干个差的余弦之和。
# GPT 则为每个位置学一个向量，和词一样放在一张表里。Llama 把查询和键转过一个角度（旋转位置编码，rotary embedding），让每个得分只取决于距离。
# 学出来的位置表有代价：训练中从未出现过的位置，它的向量谁也没有训练过。
#
# ## 11.7 一个块，以及整个网络
#
# GPT 的一个块分两部分，每一部分的结果都加到它读进来的东西上：
#
# $$x \leftarrow x + \text{attention}(\text{norm}(x)), \qquad x \leftarrow x + W_2\,\text{gelu}(W_1\,\text{norm}(x)) .$$
#
# 第一部分里词与词交换信息；第二部分里每个词在一个四倍宽的层中独自加工收集来的信息。加法是梯度的高速路（残差连接，
# residual connection；He 等，2016）：不论叠多少层，梯度都能原样通过。
# 整个网络是：词向量加位置向量，若干个块，最后一次归一化，再与词表相乘，为每个可能的下一个词给出一个 logit。下面用 NumPy 写出全部，
# 权重取自一个 `nn.models.GPT`：

# %% [markdown]
# ## 11.8 要学的文本
#
# 我们要一段短文，其中的词取决于更靠前的词。有一首古老的英国童谣正是这样写成的：每一节都在上一节前面再接一个从句。

# %% [markdown]
# 模型当作一个单位来读的东西叫 **token**，这里就是一个单词，共有 44 个。（大模型用的是词的片段，由字节对编码（BPE）得到：
# 把频繁相邻的字符一次次合并起来，见 `nn.data.ByteLevelBPETokenizer`。）讲奶牛（cow）的那一节留作检验。它的从句在后面各节里都出现过，
# 但从来没有跟在 "This is the" 后面。

# %% [markdown]
# 最后那个数就是对手：一张“哪个词后面跟哪个词”的表（如第 10 章）。它不可能知道 "that" 后面是什么，因为动词取决于前面提到了谁。
# **nat** 是 $-\ln p$ 的单位：模型给正确的词概率 $p$，就为它付出 $-\ln p$。平均值的指数叫*困惑度*（perplexity），表示模型好像在多少个
# 同样可能的词之间挑选：瞎猜是 44 个，查表是 3 个多一点。
#
# ## 11.9 训练
#
# 循环还是老样子。一批是从文本任意处截取的八个窗口。每个词的目标就是它的下一个词，所以一个 32 词的窗口一次问了 32 个问题，每个问题的上下文长短不同。
# 这全靠掩码：循环网络要把同一个窗口一个词一个词地走完，而这里所有的词不过是一次矩阵乘法里的各行。transformer 能做得那么大，原因就在这里。

# %% [markdown]
# 从第五个词起，模型几乎有把握地说出了从未见过的那一节。（第四个词 "cow" 不算：在 "This is the" 之后，谁也不知道来的是谁。）
# 训练损失比那一节的损失高，而且必然如此：窗口可能从一个从句的中间开始，每一节的开头也总有一个词要猜。文本自身的不确定性，任何模型都消除不了。
#
# 这算理解吗？至少可以看出，模型不只是背下了一节一节的诗。它记住了从句，也记住了把从句连起来的规则。想用更长的文本，`fromzero train gpt`
# 会用几分钟在 Python 的文档上做同样的事。
#
# ## 11.10 让它写
#
# 模型给出下一个词的概率。要让它写，就抽一个词，接在后面，再问一次。**温度**（temperature）$\tau$ 在 softmax 之前去除 logits，
# $p = \text{softmax}(z / \tau)$：小于 1 更谨慎，大于 1 更大胆，趋于 0 则总取第一名：

# %% [markdown]
# 还有两个旋钮，在抽取之前切掉不大可能的尾巴：`top_k` 只留最可能的 $k$ 个词，`top_p` 只留概率合计达到 $p$ 的最少的几个词（Holtzman 等，2020）。
# 对长文本这很要紧：千分之一的词只要抽中一次，后面就可能全部走样，因为模型把自己写的词当作给定的来读。上面温度 1.5 时就是这样：
# 歌谣一旦断开，便再也接不回来。
#
# ## 11.11 它在看什么
#
# `attention_weights` 运行模型，并留下每个头的每个 softmax。一行是一个发问的词，一列是一个被看的词。右上半边是深色的，那就是掩码。

# %% [markdown]
# 第一个块里的头大多在看前一个词。没有人教过它：单凭 "that" 说不出后面是哪个动词，"cat that" 才行。大模型里也找到了这样的头，后面的块就建立在它们之上
# （Olsson 等，*In-context Learning and Induction Heads*，2022）。
#
# 看这种图要小心。它说明信息可能从哪里来，没有说明拿来做了什么。而且权重大的地方往往什么意思也没有，因为 softmax 总得把它的 1 花在某处。
#
# ## 11.12 KV 缓存：往下写为什么便宜
#
# 要写第 100 个词，模型必须把前 99 个词重读一遍吗？掩码说：不必。前面的词永远看不到后面的词，所以它们的键和值不会变。把它们留着，
# 只有新词需要走一遍网络：

# %% [markdown]
# 代价是内存：每个块里的每个词要存两个宽度为 $E$ 的向量。大模型的缓存有好几 GB，于是有了让几个头共用键和值的做法
# （`num_key_value_heads` 小于 `num_attention_heads`，如 Llama）。缓存也解释了为什么聊天程序说第一个词之前要等，之后却很平稳：
# 问题是一次读完的，回答是一个词一个词写的。
#
# ## 11.13 从这里到大模型
#
# GPT-2 就是这个网络，只是换了几个数：50,257 个 token（词的片段），1,024 个位置，12 到 48 个宽 768 到 1,600 的块。
# `GPT.from_pretrained` 能直接读它的文件。后来的改动都在细节上（不减均值的归一化、旋转位置编码、带门的层、共用的键），方案没有变。
#
# 这样的模型要变得有用，得分几个阶段。先是**预训练**：像这里一样，在极大的文本上预测下一个 token，绝大部分计算都花在这一步。
# 然后是**微调**：先用示例告诉它该做什么，再用好答案与次一些的答案作比较。微调改动小，花费也小；第 12 章会演示怎样只训练一小部分权重，
# 就得到大部分效果。最后一个阶段把写作看成一个智能体的动作，做得好就给奖励，那是第 13 章的内容。
#
# ## 练习
#
# - [`scaled_dot_product_attention`](../../nn/exercises/catalogue/scaled_dot_product_attention.py)：`fromzero exercise start
#   scaled_dot_product_attention --lang zh`。前向、掩码与反向；下面检查一份正确的解答。
# - [`layer_norm`](../../nn/exercises/catalogue/layer_norm.py)：`fromzero exercise start layer_norm --lang zh`。每个块里的归一化。
# - [`char_language_model`](../../nn/exercises/catalogue/char_language_model.py)：`fromzero exercise start
#   char_language_model --lang zh`。字符对的表、温度与 top-k。

# %% [markdown]
# ## 代码在哪里
#
# - [`nn/models/gpt.py`](../../nn/models/gpt.py)：网络；`from_pretrained` 能读 GPT-2 自己的文件。
# - [`nn/functional/attention.py`](../../nn/functional/attention.py) 与 [`nn/modules/attention.py`](../../nn/modules/attention.py)：
#   注意力、头、缓存。
# - [`nn/models/language.py`](../../nn/models/language.py)：`generate` 与 `stream`，带温度、top-k 和 top-p。
# - [`nn/models/llama.py`](../../nn/models/llama.py)：同样的网络，换成旋转位置编码与共用的键。
# - [`nn/viewing/attention.py`](../../nn/viewing/attention.py)：怎样从模型里取出权重并画出来。
# - `fromzero train gpt`，见 [`nn/examples/gpt.py`](../../nn/examples/gpt.py)：在 Python 自己的文档上做同样的事。
