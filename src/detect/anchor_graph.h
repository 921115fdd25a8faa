/* An expression as a graph of nodes (Thompson's construction), from which anchors are derived. */
#ifndef SP_DETECT_ANCHOR_GRAPH_H
#define SP_DETECT_ANCHOR_GRAPH_H

#include "detect/anchor.h"

enum { SP_NODES_MAX = 6000, SP_NODE_NONE = UINT16_MAX };

enum sp_node_kind {
    SP_NODE_EMPTY,  /* goes on at next */
    SP_NODE_SPLIT,  /* goes on at next and at other */
    SP_NODE_BYTE,   /* one byte of the class */
    SP_NODE_PLACE,  /* the class must hold at `place` from here; takes no byte */
    SP_NODE_AHEAD,  /* the path from other must hold too; then goes on at next */
    SP_NODE_RETURN, /* the end of that path */
    SP_NODE_BEHIND, /* alternatives of a lookbehind: classes of the last bytes in the path from
                     * other
                     */
    SP_NODE_STOP    /* anything may follow */
};

struct sp_node {
    uint8_t kind;
    int8_t place;
    uint16_t next, other;
    struct sp_byte_class class;
};

struct sp_graph {
    struct sp_node *nodes;
    size_t count;
    bool failed; /* not understood, or too large */
};

/* Reads the expression into graph->nodes, which has room for SP_NODES_MAX, and gives the node it
 * begins with. False: it is not understood, or too large. */
bool sp_anchor_parse(struct sp_slice expression, struct sp_graph *graph, uint16_t *first);

#endif
