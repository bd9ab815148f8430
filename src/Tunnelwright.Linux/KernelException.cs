using System.Runtime.InteropServices;

namespace Tunnelwright.Linux;

/// <summary>The kernel refused something. The message holds its own words; <see cref="ErrorName"/> is what code may compare.</summary>
public class KernelException : Exception
{
    /// <summary>Makes the error from its parts.</summary>
    /// <param name="operation">What was tried, without secrets, for example <c>ip link add v0</c>.</param>
    /// <param name="errorNumber">The errno(3) value, or 0 when only words are known.</param>
    /// <param name="words">The kernel's words, for example <c>File exists</c>.</param>
    /// <param name="inner">What led to this, if anything.</param>
    public KernelException(string operation, int errorNumber, string words, Exception? inner = null)
        : base(words.Length == 0 ? operation : $"{operation}: {words}", inner)
    {
        Operation = operation;
        ErrorNumber = errorNumber;
        Words = words;
    }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>The errno(3) value, or 0 when the source gave only words that no errno has.</summary>
    public int ErrorNumber { get; }

    /// <summary>The symbol of <see cref="ErrorNumber"/>, such as <c>ENODEV</c>; empty when unknown.</summary>
    public string ErrorName => KernelErrors.NameOf(ErrorNumber);

    /// <summary>The kernel's words, one line.</summary>
    public string Words { get; }

    internal static KernelException FromErrno(string operation, int errno)
        => new(operation, errno, Marshal.GetPInvokeErrorMessage(errno));
}
