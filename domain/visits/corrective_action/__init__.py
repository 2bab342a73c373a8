"""Corrective action 不合格服务控制、纠正和预防措施 (§5.2.5(6)): events, case, commands, lifecycle."""
