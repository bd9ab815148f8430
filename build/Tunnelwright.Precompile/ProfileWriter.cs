using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Tunnelwright.Precompile;

/// <summary>
/// Writes the profile: an assembly with a global method AssemblyDictionary whose code names, for every assembly that defines methods, a global
/// method whose code names those methods (ldtoken, pop). The format is that of the dotnet-pgo tool, without weights.
/// </summary>
internal static class ProfileWriter
{
    public static int Write(string path, IEnumerable<MethodBase> methods)
    {
        var metadata = new MetadataBuilder();
        var tokens = new TokenWriter(metadata);
        var code = new MethodBodyStreamEncoder(new BlobBuilder());
        var dictionary = new InstructionEncoder(new BlobBuilder());
        var count = 0;
        foreach (var group in methods.GroupBy(method => method.DeclaringType!.Assembly.GetName().Name!, StringComparer.Ordinal))
        {
            var listing = new InstructionEncoder(new BlobBuilder());
            foreach (var method in group)
            {
                if (tokens.Method(method) is { } token)
                {
                    Emit(listing, token);
                    count++;
                }
            }

            dictionary.LoadString(metadata.GetOrAddUserString(group.Key));
            Emit(dictionary, DefineGlobal(metadata, code, "Methods_" + group.Key, listing));
        }

        DefineGlobal(metadata, code, "AssemblyDictionary", dictionary);
        metadata.AddModule(0, metadata.GetOrAddString("startup"), metadata.GetOrAddGuid(Guid.Empty), default, default);
        metadata.AddAssembly(metadata.GetOrAddString("startup"), new Version(1, 0), default, default, default, AssemblyHashAlgorithm.None);
        metadata.AddTypeDefinition(default, default, metadata.GetOrAddString("<Module>"), default, MetadataTokens.FieldDefinitionHandle(1), MetadataTokens.MethodDefinitionHandle(1));
        var image = new BlobBuilder();
        new ManagedPEBuilder(new PEHeaderBuilder(imageCharacteristics: Characteristics.Dll), new MetadataRootBuilder(metadata), code.Builder).Serialize(image);
        using var file = File.Create(path);
        image.WriteContentTo(file);
        return count;
    }

    private static void Emit(InstructionEncoder code, EntityHandle method)
    {
        code.OpCode(ILOpCode.Ldtoken);
        code.Token(method);
        code.OpCode(ILOpCode.Pop);
    }

    private static MethodDefinitionHandle DefineGlobal(MetadataBuilder metadata, MethodBodyStreamEncoder bodies, string name, InstructionEncoder code)
    {
        code.OpCode(ILOpCode.Ret);
        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature().Parameters(0, returns => returns.Void(), _ => { });
        return metadata.AddMethodDefinition(MethodAttributes.Public | MethodAttributes.Static, MethodImplAttributes.IL, metadata.GetOrAddString(name),
            metadata.GetOrAddBlob(signature), bodies.AddMethodBody(code), default);
    }
}
