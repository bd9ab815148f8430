using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;

namespace Tunnelwright.Precompile;

/// <summary>Writes references to types and methods of other assemblies (ECMA-335 II.22.25, II.22.29, II.22.38, II.23.2).</summary>
internal sealed class TokenWriter(MetadataBuilder metadata)
{
    private readonly Dictionary<string, EntityHandle> _assemblies = new(StringComparer.Ordinal);
    private readonly Dictionary<Type, EntityHandle> _types = [];

    /// <summary>The token of a method; none when its signature has a function pointer or an array of several dimensions, which this tool does not write.</summary>
    public EntityHandle? Method(MethodBase method)
    {
        // A reference carries the signature of the definition, with the type parameters open; the type arguments stand in the parent and the method's own beside.
        var open = method.DeclaringType!.IsConstructedGenericType
            ? (MethodBase)method.DeclaringType.GetGenericTypeDefinition().GetMemberWithSameMetadataDefinitionAs(method)
            : method;
        var arity = method.IsGenericMethod ? method.GetGenericArguments().Length : 0;
        if (arity > 0)
        {
            open = ((MethodInfo)open).GetGenericMethodDefinition();
        }

        var signature = new BlobBuilder();
        new BlobEncoder(signature).MethodSignature(SignatureCallingConvention.Default, arity, isInstanceMethod: !method.IsStatic);
        signature.WriteCompressedInteger(open.GetParameters().Length);
        if (open is not MethodInfo { ReturnParameter: var returned })
        {
            signature.WriteByte((byte)SignatureTypeCode.Void);
        }
        else if (!TryParameter(signature, returned))
        {
            return null;
        }

        if (!open.GetParameters().All(parameter => TryParameter(signature, parameter)))
        {
            return null;
        }

        EntityHandle reference = metadata.AddMemberReference(TypeToken(method.DeclaringType), metadata.GetOrAddString(method.Name), metadata.GetOrAddBlob(signature));
        if (arity == 0)
        {
            return reference;
        }

        var arguments = new BlobBuilder();
        arguments.WriteByte((byte)SignatureKind.MethodSpecification);
        TypeList(arguments, method.GetGenericArguments());
        return metadata.AddMethodSpecification(reference, metadata.GetOrAddBlob(arguments));
    }

    private bool TryParameter(BlobBuilder signature, ParameterInfo parameter)
    {
        var core = parameter.ParameterType;
        while (core.HasElementType && core is not { IsArray: true, IsSZArray: false })
        {
            core = core.GetElementType()!;
        }

        if (core.IsFunctionPointer || core.IsArray)
        {
            return false;
        }

        foreach (var modifier in parameter.GetRequiredCustomModifiers())
        {
            signature.WriteByte((byte)SignatureTypeCode.RequiredModifier);
            signature.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(TypeToken(modifier)));
        }

        TypeSignature(signature, parameter.ParameterType);
        return true;
    }

    private void TypeList(BlobBuilder signature, Type[] types)
    {
        signature.WriteCompressedInteger(types.Length);
        foreach (var type in types)
        {
            TypeSignature(signature, type);
        }
    }

    private void TypeSignature(BlobBuilder signature, Type type)
    {
        if (type.IsGenericParameter)
        {
            signature.WriteByte((byte)(type.DeclaringMethod is null ? SignatureTypeCode.GenericTypeParameter : SignatureTypeCode.GenericMethodParameter));
            signature.WriteCompressedInteger(type.GenericParameterPosition);
        }
        else if (type.HasElementType)
        {
            signature.WriteByte((byte)(type.IsByRef ? SignatureTypeCode.ByReference : type.IsPointer ? SignatureTypeCode.Pointer : SignatureTypeCode.SZArray));
            TypeSignature(signature, type.GetElementType()!);
        }
        else if (type.IsGenericType)
        {
            signature.WriteByte((byte)SignatureTypeCode.GenericTypeInstance);
            NamedType(signature, type.GetGenericTypeDefinition());
            TypeList(signature, type.GetGenericArguments());
        }
        else if (BuiltIn(type) is { } code)
        {
            signature.WriteByte((byte)code);
        }
        else
        {
            NamedType(signature, type);
        }
    }

    private void NamedType(BlobBuilder signature, Type type)
    {
        signature.WriteByte((byte)(type.IsValueType ? SignatureTypeKind.ValueType : SignatureTypeKind.Class));
        signature.WriteCompressedInteger(CodedIndex.TypeDefOrRefOrSpec(TypeToken(type)));
    }

    private EntityHandle TypeToken(Type type)
    {
        if (!_types.TryGetValue(type, out var token))
        {
            _types.Add(type, token = type.IsConstructedGenericType ? Constructed(type) : metadata.AddTypeReference(
                type.DeclaringType is { } outer ? TypeToken(outer) : AssemblyToken(type.Assembly),
                type.IsNested || type.Namespace is null ? default : metadata.GetOrAddString(type.Namespace), metadata.GetOrAddString(type.Name)));
        }

        return token;
    }

    private EntityHandle Constructed(Type type)
    {
        var signature = new BlobBuilder();
        TypeSignature(signature, type);
        return metadata.AddTypeSpecification(metadata.GetOrAddBlob(signature));
    }

    private EntityHandle AssemblyToken(Assembly assembly)
    {
        var name = assembly.GetName();
        if (!_assemblies.TryGetValue(name.Name!, out var token))
        {
            _assemblies.Add(name.Name!, token = metadata.AddAssemblyReference(metadata.GetOrAddString(name.Name!), name.Version!, default,
                name.GetPublicKeyToken() is { Length: > 0 } key ? metadata.GetOrAddBlob(key) : default, default, default));
        }

        return token;
    }

    private static SignatureTypeCode? BuiltIn(Type type) => type.IsEnum ? null : type.FullName switch
    {
        "System.Void" => SignatureTypeCode.Void,
        "System.Object" => SignatureTypeCode.Object,
        "System.String" => SignatureTypeCode.String,
        "System.IntPtr" => SignatureTypeCode.IntPtr,
        "System.UIntPtr" => SignatureTypeCode.UIntPtr,
        "System.TypedReference" => SignatureTypeCode.TypedReference,
        _ when type.IsPrimitive => Enum.Parse<SignatureTypeCode>(type.Name),
        _ => null,
    };
}
