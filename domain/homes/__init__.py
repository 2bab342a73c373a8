"""§3 Vacant homes and their keys 空房管理."""
