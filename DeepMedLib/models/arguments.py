"""Which classes a bundle may name, and which arguments it may give to each.

Left out on purpose: what fetches or reads files (``pretrained_url``), what takes functions or objects (``select_fn``,
``padder``, ``preprocess``), and what chooses where a tensor lies (``device``).
"""

from __future__ import annotations

from collections.abc import Mapping


def _table(text: str) -> Mapping[str, frozenset[str]]:
    """Lines "Class: argument argument ..."; a line that begins with more space goes on from the one above."""
    found: dict[str, frozenset[str]] = {}
    name = ""
    for line in text.splitlines():
        before, colon, after = line.partition(":")
        if colon:
            name = before.strip()
        if name:
            found[name] = found.get(name, frozenset()) | frozenset((after if colon else line).split())
    return found


#: Of monai.networks.nets.
NETWORK_ARGUMENTS = _table(
    """
    AHNet: layers spatial_dims in_channels out_channels psp_block_num upsample_mode
    AttentionUnet: spatial_dims in_channels out_channels channels strides kernel_size up_kernel_size dropout
    AutoEncoder: spatial_dims in_channels out_channels channels strides kernel_size up_kernel_size num_res_units
        inter_channels inter_dilations num_inter_units act norm dropout bias padding
    BasicUNet: spatial_dims in_channels out_channels features act norm bias dropout upsample
    BasicUNetPlusPlus: spatial_dims in_channels out_channels features deep_supervision act norm bias dropout
        upsample
    BasicUnet: spatial_dims in_channels out_channels features act norm bias dropout upsample
    Classifier: in_shape classes channels strides kernel_size num_res_units act norm dropout bias last_act
    DAF3D: in_channels out_channels
    DenseNet: spatial_dims in_channels out_channels init_features growth_rate block_config bn_size act norm
        dropout_prob
    DenseNet121: spatial_dims in_channels out_channels init_features growth_rate block_config bn_size act norm
        dropout_prob
    DenseNet169: spatial_dims in_channels out_channels init_features growth_rate block_config bn_size act norm
        dropout_prob
    DenseNet201: spatial_dims in_channels out_channels init_features growth_rate block_config bn_size act norm
        dropout_prob
    DenseNet264: spatial_dims in_channels out_channels init_features growth_rate block_config bn_size act norm
        dropout_prob
    DynUNet: spatial_dims in_channels out_channels kernel_size strides upsample_kernel_size filters dropout
        norm_name act_name deep_supervision deep_supr_num res_block trans_bias
    DynUnet: spatial_dims in_channels out_channels kernel_size strides upsample_kernel_size filters dropout
        norm_name act_name deep_supervision deep_supr_num res_block trans_bias
    EfficientNetBN: model_name spatial_dims in_channels num_classes norm adv_prop
    FlexibleUNet: in_channels out_channels backbone decoder_channels spatial_dims norm act dropout decoder_bias
        upsample pre_conv interp_mode is_pad
    FullyConnectedNet: in_channels out_channels hidden_channels dropout act bias adn_ordering
    GlobalNet: image_size spatial_dims in_channels num_channel_initial depth out_kernel_initializer
        out_activation pooling concat_skip encode_kernel_sizes save_theta
    HighResNet: spatial_dims in_channels out_channels norm_type acti_type dropout_prob bias layer_params
        channel_matching
    HoVerNet: mode in_channels np_out_channels out_classes act norm decoder_padding dropout_prob
        adapt_standard_resnet freeze_encoder
    LocalNet: spatial_dims in_channels num_channel_initial extract_levels out_kernel_initializer out_activation
        out_channels pooling use_additive_sampling concat_skip mode align_corners
    MedNeXt: spatial_dims init_filters in_channels out_channels encoder_expansion_ratio decoder_expansion_ratio
        bottleneck_expansion_ratio kernel_size deep_supervision use_residual_connection blocks_down
        blocks_bottleneck blocks_up norm_type global_resp_norm
    RegUNet: spatial_dims in_channels num_channel_initial depth out_kernel_initializer out_activation
        out_channels extract_levels pooling concat_skip encode_kernel_sizes
    Regressor: in_shape out_shape channels strides kernel_size num_res_units act norm dropout bias
    ResNet: block layers block_inplanes spatial_dims n_input_channels conv1_t_size conv1_t_stride no_max_pool
        shortcut_type widen_factor num_classes feed_forward bias_downsample act norm
    SENet: spatial_dims in_channels block layers groups reduction dropout_prob dropout_dim inplanes
        downsample_kernel_size input_3x3 num_classes
    SENet154: layers groups reduction spatial_dims in_channels block dropout_prob dropout_dim inplanes
        downsample_kernel_size input_3x3 num_classes
    SEResNeXt101: layers groups reduction dropout_prob inplanes downsample_kernel_size input_3x3 spatial_dims
        in_channels block dropout_dim num_classes
    SEResNeXt50: layers groups reduction dropout_prob inplanes downsample_kernel_size input_3x3 spatial_dims
        in_channels block dropout_dim num_classes
    SEResNet101: layers groups reduction inplanes downsample_kernel_size input_3x3 spatial_dims in_channels
        block dropout_prob dropout_dim num_classes
    SEResNet152: layers groups reduction inplanes downsample_kernel_size input_3x3 spatial_dims in_channels
        block dropout_prob dropout_dim num_classes
    SEResNet50: layers groups reduction dropout_prob inplanes downsample_kernel_size input_3x3 spatial_dims
        in_channels block dropout_dim num_classes
    SegResNet: spatial_dims init_filters in_channels out_channels dropout_prob act norm norm_name num_groups
        use_conv_final blocks_down blocks_up upsample_mode
    SegResNetDS: spatial_dims init_filters in_channels out_channels act norm blocks_down blocks_up dsdepth
        upsample_mode resolution
    SegResNetDS2: spatial_dims init_filters in_channels out_channels act norm blocks_down blocks_up dsdepth
        upsample_mode resolution
    SegResNetVAE: input_image_size vae_estimate_std vae_default_std vae_nz spatial_dims init_filters in_channels
        out_channels dropout_prob act norm use_conv_final blocks_down blocks_up upsample_mode
    SwinUNETR: in_channels out_channels patch_size depths num_heads window_size qkv_bias mlp_ratio feature_size
        norm_name drop_rate attn_drop_rate dropout_path_rate normalize patch_norm use_checkpoint spatial_dims
        use_v2 use_flash_attention downsample img_size
    UNETR: in_channels out_channels pos_embed img_size feature_size hidden_size mlp_dim num_heads proj_type norm_name
        conv_block res_block dropout_rate spatial_dims qkv_bias save_attn
    UNet: spatial_dims in_channels out_channels channels strides kernel_size up_kernel_size num_res_units act
        norm dropout bias adn_ordering
    Unet: spatial_dims in_channels out_channels channels strides kernel_size up_kernel_size num_res_units act
        norm dropout bias adn_ordering
    VNet: spatial_dims in_channels out_channels act dropout_prob dropout_prob_down dropout_prob_up dropout_dim
        bias
    VarAutoEncoder: spatial_dims in_shape out_channels latent_size channels strides kernel_size up_kernel_size
        num_res_units inter_channels inter_dilations num_inter_units act norm dropout bias use_sigmoid
        use_mean_at_inference
    ViT: in_channels pos_embed img_size patch_size hidden_size mlp_dim num_layers num_heads proj_type pos_embed_type
        classification num_classes dropout_rate spatial_dims post_activation qkv_bias save_attn
    VoxelMorphUNet: spatial_dims in_channels unet_out_channels channels final_conv_channels final_conv_act
        kernel_size up_kernel_size act norm dropout bias use_maxpool adn_ordering
    """
)

#: Of torch.nn.
LAYER_ARGUMENTS = _table(
    """
    AdaptiveAvgPool1d: output_size
    AdaptiveAvgPool2d: output_size
    AdaptiveAvgPool3d: output_size
    AvgPool1d: kernel_size stride padding ceil_mode count_include_pad
    AvgPool2d: kernel_size stride padding ceil_mode count_include_pad divisor_override
    AvgPool3d: kernel_size stride padding ceil_mode count_include_pad divisor_override
    BatchNorm1d: num_features eps momentum affine track_running_stats bias
    BatchNorm2d: num_features eps momentum affine track_running_stats bias
    BatchNorm3d: num_features eps momentum affine track_running_stats bias
    Conv1d: in_channels out_channels kernel_size stride padding dilation groups bias padding_mode
    Conv2d: in_channels out_channels kernel_size stride padding dilation groups bias padding_mode
    Conv3d: in_channels out_channels kernel_size stride padding dilation groups bias padding_mode
    ConvTranspose1d: in_channels out_channels kernel_size stride padding output_padding groups bias dilation
        padding_mode
    ConvTranspose2d: in_channels out_channels kernel_size stride padding output_padding groups bias dilation
        padding_mode
    ConvTranspose3d: in_channels out_channels kernel_size stride padding output_padding groups bias dilation
        padding_mode
    Dropout: p inplace
    ELU: alpha inplace
    Flatten: start_dim end_dim
    GELU: approximate
    GroupNorm: num_groups num_channels eps affine bias
    Identity:
    InstanceNorm1d: num_features eps momentum affine track_running_stats bias
    InstanceNorm2d: num_features eps momentum affine track_running_stats bias
    InstanceNorm3d: num_features eps momentum affine track_running_stats bias
    LayerNorm: normalized_shape eps elementwise_affine bias
    LeakyReLU: negative_slope inplace
    Linear: in_features out_features bias
    MaxPool1d: kernel_size stride padding dilation return_indices ceil_mode
    MaxPool2d: kernel_size stride padding dilation return_indices ceil_mode
    MaxPool3d: kernel_size stride padding dilation return_indices ceil_mode
    PReLU: num_parameters init
    ReLU: inplace
    SiLU: inplace
    Sigmoid:
    Softmax: dim
    Tanh:
    Upsample: size scale_factor mode align_corners recompute_scale_factor
    """
)

#: Of monai.transforms.
TRANSFORM_ARGUMENTS = _table(
    """
    Activationsd: keys sigmoid softmax allow_missing_keys
    AsDiscreted: keys argmax to_onehot threshold rounding allow_missing_keys
    BorderPadd: keys spatial_border mode allow_missing_keys lazy
    CastToTyped: keys dtype allow_missing_keys
    CenterSpatialCropd: keys roi_size allow_missing_keys lazy
    CropForegroundd: keys source_key channel_indices margin allow_smaller k_divisible mode start_coord_key
        end_coord_key allow_missing_keys lazy
    DivisiblePadd: keys k mode method allow_missing_keys lazy
    EnsureChannelFirstd: keys strict_check allow_missing_keys channel_dim
    EnsureTyped: keys data_type dtype wrap_sequence track_meta allow_missing_keys
    FillHolesd: keys applied_labels connectivity allow_missing_keys
    Flipd: keys spatial_axis allow_missing_keys lazy
    HistogramNormalized: keys num_bins min max mask_key dtype allow_missing_keys
    KeepLargestConnectedComponentd: keys applied_labels is_onehot independent connectivity num_components
        allow_missing_keys
    NormalizeIntensityd: keys subtrahend divisor nonzero channel_wise dtype allow_missing_keys
    Orientationd: keys axcodes as_closest_canonical labels allow_missing_keys lazy
    RemoveSmallObjectsd: keys min_size connectivity independent_channels by_measure pixdim allow_missing_keys
    ResizeWithPadOrCropd: keys spatial_size mode allow_missing_keys method lazy
    Resized: keys spatial_size size_mode mode align_corners anti_aliasing anti_aliasing_sigma dtype
        allow_missing_keys lazy
    Rotate90d: keys k spatial_axes allow_missing_keys lazy
    ScaleIntensityRangePercentilesd: keys lower upper b_min b_max clip relative channel_wise dtype
        allow_missing_keys
    ScaleIntensityRanged: keys a_min a_max b_min b_max clip dtype allow_missing_keys
    ScaleIntensityd: keys minv maxv factor channel_wise dtype allow_missing_keys
    Spacingd: keys pixdim diagonal mode padding_mode align_corners dtype scale_extent recompute_affine
        min_pixdim max_pixdim ensure_same_shape allow_missing_keys lazy
    SpatialPadd: keys spatial_size method mode allow_missing_keys lazy
    SqueezeDimd: keys dim update_meta allow_missing_keys
    ThresholdIntensityd: keys threshold above cval allow_missing_keys
    Transposed: keys indices allow_missing_keys
    """
)
