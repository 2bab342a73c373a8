"""§1, §2 Rounds 日常工作: patrols, work orders, repairs, rectifications, notice boards, activities, emergencies."""
