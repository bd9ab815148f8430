namespace Tunnelwright.Dns.Serving;

/// <summary>A thread's waiting clients, in blocks that never move: room for more costs one block, and nothing is copied.</summary>
internal sealed class WaiterPool
{
    private const int BlockBits = 7;
    private const int BlockSize = 1 << BlockBits;
    private readonly List<Waiter[]> _blocks = [new Waiter[BlockSize]];
    private int _free = -1;
    private int _count;

    /// <summary>Clients that wait.</summary>
    public int InUse { get; private set; }

    public ref Waiter this[int number] => ref _blocks[number >> BlockBits][number & (BlockSize - 1)];

    /// <summary>Takes a place.</summary>
    /// <returns>Its number.</returns>
    public int Take()
    {
        InUse++;
        if (_free >= 0)
        {
            var number = _free;
            _free = this[number].Next;
            return number;
        }

        if (_count == _blocks.Count << BlockBits) _blocks.Add(new Waiter[BlockSize]);
        return _count++;
    }

    /// <summary>Gives a place back.</summary>
    public void Free(int number)
    {
        ref var waiter = ref this[number];
        (waiter.Connection, waiter.Next) = (null, _free);
        _free = number;
        InUse--;
    }
}
