#include "core/budget.h"

void sp_limits_init(struct sp_limits *limits)
{
    *limits = (struct sp_limits){
        .depth_max = 16,      /* no honest backup nests deeper; quines do */
        .mime_depth_max = 32, /* forwarded forwards */
        .entries_max = 1000000,
        .ratio_layer_max = 200,
        .ratio_total_max = 1000,
        .ratio_free_bytes = 64U << 20,
        .spool_max_bytes = 256U << 20,
        .member_max_bytes = 0,
        .memory_max_bytes = 1U << 30,
        .quiet_max_s = 30,
    };
}
