// Prints what PDFBox's preflight (PDF/A-1b) finds in each file: "FILE path", then one "code details" line per finding.
import java.io.File;
import org.apache.pdfbox.preflight.PreflightDocument;
import org.apache.pdfbox.preflight.ValidationResult;
import org.apache.pdfbox.preflight.parser.PreflightParser;

public class Preflight {
  public static void main(String[] files) throws Exception {
    for (String file : files) {
      System.out.println("FILE " + file);
      PreflightParser parser = new PreflightParser(new File(file));
      parser.parse();
      try (PreflightDocument document = parser.getPreflightDocument()) {
        document.validate();
        for (ValidationResult.ValidationError error : document.getResult().getErrorsList()) {
          System.out.println(error.getErrorCode() + " " + error.getDetails());
        }
      }
    }
  }
}
