"""What everything else stands on: experiment, data, network, training, trace. No Qt."""
