"""Learning by reward: REINFORCE, PPO and DQN, on Gymnasium's environments and on a small world of our own."""
