"""§6 Convenience services 便民服务."""
