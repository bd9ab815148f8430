using System.Text;
using System.Xml;

namespace Tunnelwright.Formats;

/// <summary>Builds an XML document; what is written is escaped by the framework's writer.</summary>
internal static class XmlText
{
    private static readonly XmlWriterSettings Indented = new() { Indent = true, IndentChars = "  ", NewLineChars = "\n", OmitXmlDeclaration = true, Encoding = new UTF8Encoding(false) };

    /// <summary>The document's text; lines end in a line feed.</summary>
    /// <param name="comments">Comment lines at its head.</param>
    /// <param name="write">Writes the root element.</param>
    public static string Document(IEnumerable<string> comments, Action<XmlWriter> write)
    {
        var text = new StringBuilder("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
        using (var xml = XmlWriter.Create(text, Indented))
        {
            // "--" ends a comment.
            foreach (var comment in comments) xml.WriteComment($" {comment.Replace("--", "- -", StringComparison.Ordinal)} ");
            write(xml);
        }

        return text.Append('\n').ToString();
    }

    /// <summary>An element with what stands within.</summary>
    public static void Element(this XmlWriter xml, string name, Action within)
    {
        xml.WriteStartElement(name);
        within();
        xml.WriteEndElement();
    }

    /// <summary>An element with a value.</summary>
    public static void Element(this XmlWriter xml, string name, string value) => xml.WriteElementString(name, value);

    /// <summary>An element with a number.</summary>
    public static void Element(this XmlWriter xml, string name, int value) => xml.WriteElementString(name, XmlConvert.ToString(value));
}
