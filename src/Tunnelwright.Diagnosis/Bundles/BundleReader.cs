namespace Tunnelwright.Diagnosis;

/// <summary>Takes the members of an archive out, so that each is read like a file of its own. What is too much is said and left out.</summary>
internal sealed class BundleReader(string archive, Action<string, Stream> add, Action<string> tell)
{
    private const int MaximumMembers = 2_000;
    private const long InMemory = 1 << 20;
    private const long LargestInMemory = 64 << 20;
    private const long LargestMember = 256 << 20;
    private const long LargestTotal = 512 << 20;
    private const string Ours = "tunnelwright-bundle/";

    private long _total;
    private long _memory;

    /// <summary>Reads an archive.</summary>
    /// <param name="stream">Its content, unpacked from gzip.</param>
    /// <returns>How many members were handed on.</returns>
    public int Read(Stream stream)
    {
        var scanner = new TarScanner(stream);
        var members = 0;
        var passed = 0;
        try
        {
            while (scanner.Next())
            {
                if (++passed > MaximumMembers)
                {
                    tell($"it has more than {MaximumMembers} members: the rest is not read");
                    break;
                }

                if (IsOnlyForPeople(scanner.Name)) continue;
                if (scanner.Size > LargestMember)
                {
                    tell($"{scanner.Name} has {scanner.Size} bytes, more than {LargestMember}: not read");
                    continue;
                }

                if (_total + scanner.Size > LargestTotal)
                {
                    tell($"it unpacks to more than {LargestTotal} bytes: the rest is not read");
                    break;
                }

                _total += scanner.Size;
                if (Copy(scanner) is not { } copy) break;
                members++;
                add($"{archive}:{scanner.Name}", copy);
            }
        }
        catch (InvalidDataException problem)
        {
            tell($"the packed file is broken: {problem.Message}");
            return members;
        }
        catch (IOException problem)
        {
            tell($"there is no room to unpack it: {problem.Message}");
            return members;
        }

        if (scanner.Fault is { } fault) tell(fault);
        return members;
    }

    /// <summary>Of our own bundles only files and the journal are evidence; addresses, SAs and the like are there for people.</summary>
    private static bool IsOnlyForPeople(string name) =>
        name.StartsWith(Ours, StringComparison.Ordinal) && !name.StartsWith($"{Ours}files/", StringComparison.Ordinal) && name != $"{Ours}commands/journal.txt";

    /// <summary>A member's content: small ones in memory, others in a file without a name.</summary>
    private Stream? Copy(TarScanner scanner)
    {
        var inMemory = scanner.Size <= InMemory && _memory + scanner.Size <= LargestInMemory;
        Stream copy = inMemory ? new MemoryStream((int)scanner.Size) : Unnamed();
        if (inMemory) _memory += scanner.Size;
        try
        {
            Span<byte> buffer = stackalloc byte[8192];
            int read;
            while ((read = scanner.Read(buffer)) > 0) copy.Write(buffer[..read]);
            if (scanner.Fault is null)
            {
                copy.Position = 0;
                return copy;
            }
        }
        catch
        {
            copy.Dispose();
            throw;
        }

        copy.Dispose();
        return null;
    }

    private static FileStream Unnamed() => new(
        Path.Combine(Path.GetTempPath(), $"tunnelwright-{Guid.NewGuid():N}"),
        new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite, Share = FileShare.None, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite, Options = FileOptions.DeleteOnClose });
}
