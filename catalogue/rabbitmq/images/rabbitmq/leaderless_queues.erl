%% Has a leader elected for quorum queues that a crash left without one.
%%
%% The register of a node's Raft servers reaches the disk seconds after a queue was declared. Where the node is killed
%% before, it starts a new server for the queue, which waits in term 0 for somebody to call an election; nobody does,
%% and whoever consumes from the queue waits for ever (https://github.com/rabbitmq/rabbitmq-server/issues/15725).
-module(leaderless_queues).
-export([start/0]).

start() ->
    spawn(fun() -> await_boot(), lists:foreach(fun elect/1, rabbit_amqqueue:list_local_quorum_queues()) end).

await_boot() ->
    case catch rabbit:is_booted(node()) of
        true -> ok;
        _ -> timer:sleep(50), await_boot()
    end.

elect(Queue) ->
    {Name, _} = amqqueue:get_pid(Queue),
    Server = {Name, node()},
    case ra:key_metrics(Server) of
        #{state := follower, term := 0} ->
            logger:warning("~ts has no leader: one is elected", [rabbit_misc:rs(amqqueue:get_name(Queue))]),
            ra:trigger_election(Server);
        _ ->
            ok
    end.
