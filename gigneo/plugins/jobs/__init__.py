"""Jobs: what employers want done, what freelancers propose for it, and hiring one of them."""
