"""Second-order methods: Newton's in three forms, BFGS and L-BFGS. They want the loss as a function: `value_fn`."""
