using System.Security.Cryptography;
using System.Text;
using Tunnelwright.Linux;

namespace Tunnelwright.Cloud;

/// <summary>
/// Encrypts secrets at rest with AES-256-GCM. The keys stand in a file of mode 0600, one a line as "ID BASE64"; the last one encrypts, all decrypt.
/// A sealed text starts with its key's id (4 bytes), then nonce (12), tag (16) and the encrypted text; the place where it is kept is authenticated with it.
/// </summary>
internal sealed class KeyRing
{
    private const int IdBytes = 4;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int KeyBytes = 32;

    private readonly string _file;
    private readonly Lock _gate = new();
    private Dictionary<uint, byte[]> _keys = [];
    private uint _newest;

    private KeyRing(string file) => _file = file;

    /// <summary>Opens the ring, and makes its first key when there is no file.</summary>
    /// <param name="stateFolder">The service's state folder.</param>
    /// <exception cref="StoreException">The file cannot be read or is not a ring; the message holds no key.</exception>
    public static KeyRing Open(string stateFolder)
    {
        var folder = Path.Combine(stateFolder, "keys");
        Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var ring = new KeyRing(Path.Combine(folder, "keys"));
        using (FileLock.AcquireAsync(ring._file + ".lock").GetAwaiter().GetResult())
        {
            if (!File.Exists(ring._file)) AtomicFile.Write(ring._file, Line(1));
        }

        ring.Load();
        return ring;
    }

    /// <summary>Encrypts a text.</summary>
    /// <param name="text">The text.</param>
    /// <param name="place">Where it is kept, such as tunnel/vpn-…/1: it cannot be decrypted elsewhere.</param>
    public byte[] Seal(string text, string place)
    {
        var plain = Encoding.UTF8.GetBytes(text);
        var block = new byte[IdBytes + NonceBytes + TagBytes + plain.Length];
        byte[] key;
        lock (_gate)
        {
            BitConverter.TryWriteBytes(block, _newest);
            key = _keys[_newest];
        }

        var nonce = block.AsSpan(IdBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(nonce, plain, block.AsSpan(IdBytes + NonceBytes + TagBytes), block.AsSpan(IdBytes + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(place));
        CryptographicOperations.ZeroMemory(plain);
        return block;
    }

    /// <summary>Decrypts a text.</summary>
    /// <param name="block">What <see cref="Seal"/> gave.</param>
    /// <param name="place">Where it is kept.</param>
    /// <exception cref="StoreException">Its key is not in the file, or it was changed or moved.</exception>
    public string Open(byte[] block, string place)
    {
        if (block.Length < IdBytes + NonceBytes + TagBytes) throw new StoreException($"the secret of {place} is too short to be one");
        var id = BitConverter.ToUInt32(block);
        var key = Find(id) ?? throw new StoreException($"key {id}, which {place} is encrypted with, is not in {_file}", "put the key file of the replica that wrote it there");
        var plain = new byte[block.Length - IdBytes - NonceBytes - TagBytes];
        using var cipher = new AesGcm(key, TagBytes);
        try
        {
            cipher.Decrypt(block.AsSpan(IdBytes, NonceBytes), block.AsSpan(IdBytes + NonceBytes + TagBytes), block.AsSpan(IdBytes + NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(place));
        }
        catch (CryptographicException)
        {
            throw new StoreException($"the secret of {place} was changed or belongs elsewhere");
        }

        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>A keyed hash of a text: equal texts have equal ones, and nobody without the keys can try texts out.</summary>
    public byte[] Fingerprint(string text)
    {
        lock (_gate) return HMACSHA256.HashData(_keys[_keys.Keys.Min()], Encoding.UTF8.GetBytes(text));
    }

    /// <summary>Whether a text is encrypted with the newest key.</summary>
    public bool IsNewest(byte[] block)
    {
        lock (_gate) return block.Length >= IdBytes && BitConverter.ToUInt32(block) == _newest;
    }

    /// <summary>Adds a key, which encrypts from now on.</summary>
    public void Rotate()
    {
        using var held = FileLock.AcquireAsync(_file + ".lock").GetAwaiter().GetResult();
        Load();
        AtomicFile.Write(_file, File.ReadAllText(_file) + Line(_newest + 1));
        Load();
    }

    private static string Line(uint id) => $"{id} {Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes))}\n";

    private byte[]? Find(uint id)
    {
        lock (_gate)
        {
            if (_keys.TryGetValue(id, out var key)) return key;
        }

        // Another replica may have added it.
        Load();
        lock (_gate) return _keys.GetValueOrDefault(id);
    }

    private void Load()
    {
        var keys = new Dictionary<uint, byte[]>();
        var newest = 0u;
        foreach (var line in File.ReadAllLines(_file).Where(line => line.Length > 0))
        {
            var key = new byte[KeyBytes];
            if (line.Split(' ') is not [var number, var text] || !uint.TryParse(number, out var id) || !Convert.TryFromBase64String(text, key, out var length) || length != KeyBytes)
                throw new StoreException($"{_file} is not a file of keys, one a line");
            keys[id] = key;
            newest = id;
        }

        if (keys.Count == 0) throw new StoreException($"{_file} holds no key");
        lock (_gate) (_keys, _newest) = (keys, newest);
    }
}
