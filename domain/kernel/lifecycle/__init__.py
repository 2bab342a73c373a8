"""The lifecycle table 流程表: declared by each kind of case, verified when it is made, asked by everybody else."""
