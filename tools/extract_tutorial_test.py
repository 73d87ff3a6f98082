"""extract_tutorial makes one program of a document's blocks, and sees when its output is not what the document shows."""

import unittest

import extract_tutorial

DOCUMENT = """# Words
```cpp file
#include <cstdio>
```
More words.
```cpp
int x = 1;
```
```sh
rm -rf never
```
```cpp
std::printf("%d\\n", x);
```
```text
1
```
"""


class ExtractTutorial(unittest.TestCase):
    def test_blocks_become_a_program_in_order(self):
        self.assertEqual(extract_tutorial.program(DOCUMENT, "docs/words.md"),
                         '#line 3 "docs/words.md"\n#include <cstdio>\nint main() {\n#line 7 "docs/words.md"\nint x = 1;\n'
                         '#line 13 "docs/words.md"\nstd::printf("%d\\n", x);\n}\n')

    def test_a_file_block_alone_is_the_program(self):
        self.assertEqual(extract_tutorial.program("```cpp file\nint main() {}\n```\n", "README.md"),
                         '#line 2 "README.md"\nint main() {}\n')

    def test_the_output_shown_is_compared(self):
        self.assertEqual(extract_tutorial.output(DOCUMENT), "1\n")
        self.assertEqual(extract_tutorial.difference(DOCUMENT, "1\n", "docs/words.md"), "")
        self.assertIn("+2", extract_tutorial.difference(DOCUMENT, "2\n", "docs/words.md"))
        self.assertIn("-1", extract_tutorial.difference(DOCUMENT, "", "docs/words.md"))

    def test_an_open_block_is_refused(self):
        with self.assertRaisesRegex(ValueError, "line 1"):
            extract_tutorial.blocks("```cpp\nint x;\n")


if __name__ == "__main__":
    unittest.main()
