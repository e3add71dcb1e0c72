module kvlane.io/schema-double

go 1.25.8

require github.com/hashicorp/terraform-plugin-go v0.31.0
