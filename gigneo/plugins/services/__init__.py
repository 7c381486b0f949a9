"""Services: what freelancers offer in packages, and buying one."""
